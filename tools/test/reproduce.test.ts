import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Claim, Judged } from "../reproduce/claims.mjs";
import { flatSection, startsSection } from "../reproduce/contrast.mjs";
import { bonferroniLevel, claimed, jointClaims, jointSection } from "../reproduce/joint.mjs";
import { effortText, reproductionPage } from "../reproduce/page.mjs";
import { publishedAtoms, publishedStudies } from "../reproduce/published-truth.mjs";
import { profileKey } from "../reproduce/run-study.mjs";
import { designsOf, exactOnly, timeShare } from "../reproduce/schedule.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const studies = `${root}/apps/orchestrator/studies`;
const law = (exponent: number | null): Judged => ({
  statement: exponent === null ? "does not converge" : "n^-(1/2)",
  source: "",
  scope: "pointwise",
  verdict: "consistent",
  reason: "",
  kind: exponent === null ? "not-identified" : "power",
  exponent,
});
const claim = (given: Partial<Claim> = {}): Claim => ({
  study: "theorem-1-softmax-tanh",
  design: "a",
  fit: "mixed",
  k: 2,
  loss: "voronoi-d1",
  component: "total",
  quantity: "voronoi-d1",
  slope: -0.51,
  ci: [-0.6, -0.4],
  sizes: 6,
  replicates: 40,
  certifiedShare: 1,
  local: false,
  profile: "",
  upper: null,
  published: null,
  audited: law(-0.5),
  ...given,
});

describe("the joint claims of npm run reproduce", () => {
  it("are slopes of global, exactly specified fits that the audit expects at -1/2", () => {
    const wanted = claim();
    const others = [
      claim({ k: 3 }),
      claim({ local: true }),
      claim({ audited: law(null) }),
      claim({ audited: law(-0.25) }),
      claim({ study: "theorem-2-softmax-linear" }),
      claim({ loss: "expert-l2", quantity: "expert-l2" }),
    ];
    expect(jointClaims([wanted, ...others])).toEqual([wanted]);
  });

  it("share one per cent between them", () => {
    expect(bonferroniLevel(1)).toBeCloseTo(0.99, 12);
    expect(bonferroniLevel(20)).toBeCloseTo(0.9995, 12);
  });

  it("are counted by their interval and by their distance, exceptions named", () => {
    const text = jointSection([
      { claim: claim(), ci: [-0.6, -0.4], fewest: 40 },
      { claim: claim({ slope: -0.58, quantity: "far" }), ci: [-0.7, -0.45], fewest: 40 },
      { claim: claim({ slope: -0.45, quantity: "narrow" }), ci: [-0.49, -0.41], fewest: 20 },
    ]).join("\n");
    expect(text).toContain("Intervals that contain -1/2: 2 of 3, not narrow of `theorem-1-softmax-tanh`.");
    expect(text).toContain("Estimates within 0.07 of -1/2: 2 of 3, not far of `theorem-1-softmax-tanh`.");
    expect(text).toMatch(/\| narrow \| 20 to 40 \|/u);
    expect(text).toMatch(/\| far \| 40 \| 100 % \| -0.580 \| \[-0.700, -0.450\] \| yes \| no \|/u);
  });

  it("cover Theorems 1, 4, 5 and both sigmoid regimes among the shipped studies", () => {
    const names = readdirSync(studies).map((file) => file.replace(/\.yaml$/u, ""));
    const covered = names.filter(claimed).map((name) => name.split("-").slice(0, 2).join("-"));
    expect([...new Set(covered)]).toEqual(["sigmoid-1", "sigmoid-2", "theorem-1", "theorem-4", "theorem-5"]);
  });
});

describe("the schedule of npm run reproduce", () => {
  it("leaves only the exactly specified fits of a study, lists of fits and single ones", () => {
    const list = designsOf(`${studies}/theorem-1-softmax-tanh.yaml`);
    expect(exactOnly(list)).toEqual(["fit[0].atoms=2", "fit[1].atoms=2", "fit[2].atoms=2"]);
    expect(exactOnly([{ fit: "fit", k: 3 }])).toEqual(["fit.atoms=3"]);
  });

  it("gives a study in a round an equal share of what is left, at least a moment", () => {
    expect(timeShare(1_500_000, 15)).toBe(100_000);
    expect(timeShare(1000, 15)).toBe(20_000);
  });
});

describe("the page of npm run reproduce", () => {
  const page = reproductionPage([claim({ ci: null }), claim({ k: 3, fit: "near-truth-0.4", local: true })], {
    command: "npm run reproduce",
    effort: " (60 minutes)",
    joint: [],
    pictured: () => false,
  });

  it("has a row for every claim, those without an interval too, and no link to a picture that is not there", () => {
    expect(page).toMatch(/\| mixed \| 2 \| voronoi-d1 \|.*\| -0.510 \| 6 × 40 \| 100 % \|/u);
    expect(page).toMatch(/\| near-truth-0.4 \| 3 \|.*\| local \|/u);
    expect(page).not.toContain("figures/studies");
  });

  it("says which of 0 and -1/2 the interval of the median holds, of a free component whose median falls that of its 90 % quantile", () => {
    const free = { study: "theorem-2-softmax-linear", loss: "components", k: 3, audited: law(null) };
    const text = flatSection([
      claim({
        ...free,
        component: "over-expert-rms",
        ci: [-0.6, -0.4],
        upper: { slope: 0.02, ci: [-0.1, 0.1] },
      }),
      claim({ ...free, component: "over-gate-rms", ci: [-0.1, 0.1], upper: { slope: -0.8, ci: [-1, -0.4] } }),
      claim({ ...free, component: "exact-expert-error", ci: [-0.9, 0.1], audited: law(-0.5) }),
    ]).join("\n");
    expect(text).toMatch(/\| free \| .* \| 0.020 \[-0.100, 0.100\] \| 40 \| 0 \|/u);
    expect(text).toMatch(/\| free \| .* \| -0.800 \[-1.000, -0.400\] \| 40 \| 0 \|/u);
    expect(text).toMatch(/\| n\^-\(1\/2\) \| .* \| 40 \| 0, -1\/2 \|/u);
  });

  it("says how long the run took, by threads", () => {
    expect(effortText({ "1": 42.3, "2": 80.6 })).toBe("81 minutes on 2 threads, 42 on 1");
    expect(effortText({ "1": 42.3 })).toBe("42 minutes on 1 thread");
  });

  it("keeps noise-free exponents while a truth, its losses and the box stay", () => {
    const text = "# a\nname: a\ntruth:\n  gating: softmax\nfit: {atoms: 2, box: 10}\nlosses: [voronoi-d1]\n";
    expect(profileKey(text)).toBe(profileKey(text.replace("atoms: 2", "atoms: 3").replace("# a\n", "")));
    expect(profileKey(text)).not.toBe(profileKey(text.replace("softmax", "sigmoid")));
    expect(profileKey(text)).not.toBe(profileKey(text.replace("box: 10", "box: 5")));
  });

  it("sets the start policies of an over-specified cell side by side", () => {
    const over = { loss: "components", component: "over-expert-rms", k: 3 };
    const text = startsSection([
      claim(over),
      claim({ ...over, fit: "near-truth-0.4", slope: -0.3, ci: null }),
    ]);
    expect(text).toContain(
      "| theorem-1-softmax-tanh | 3 | over-expert-rms | n^-(1/2) | -0.510 [-0.600, -0.400] | -0.300 |",
    );
  });

  it("as committed counts its joint table correctly", () => {
    const committed = readFileSync(`${root}/docs/reproduction.md`, "utf8");
    const rows = [
      ...committed.matchAll(
        /^\| [\w-]+ \| [\w -]+ \| [\d to]+ \| \d+ % \| (-?[\d.]+) \| \[(-?[\d.]+), (-?[\d.]+)\] \| (yes|no) \| (yes|no) \|$/gmu,
      ),
    ];
    expect(rows.length).toBeGreaterThan(20);
    for (const [, slope, low, high, contains, near] of rows) {
      expect(contains).toBe(Number(low) <= -0.5 && Number(high) >= -0.5 ? "yes" : "no");
      if (Math.abs(Math.abs(Number(slope) + 0.5) - 0.07) > 0.001)
        expect(near).toBe(Math.abs(Number(slope) + 0.5) <= 0.07 ? "yes" : "no");
    }
    const held = rows.filter(([, , , , contains]) => contains === "yes").length;
    expect(committed).toContain(`Intervals that contain -1/2: ${held} of ${rows.length}`);
  });
});

describe("the table of shipped studies", () => {
  const table = readFileSync(`${studies}/README.md`, "utf8");
  const names = readdirSync(studies)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.replace(/\.yaml$/u, ""));

  it.each(names)("has %s", (name) => {
    expect(table).toContain(`\`${name}\``);
  });
});

describe("the studies of sigmoid against softmax gates", () => {
  const written = publishedStudies();

  it.each(Object.keys(written))("%s.yaml is what its generator writes", (name) => {
    expect(readFileSync(`${studies}/${name}.yaml`, "utf8")).toBe(written[name]);
  });

  it("have true values of the published laws: d = 32, k* = 8, slopes of variance 0.01/d but for the last, experts of variance 1/d", () => {
    const atoms = publishedAtoms();
    expect(atoms).toHaveLength(8);
    expect(atoms.map(({ beta0 }) => beta0 === 0)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(atoms[7].beta1.every((value) => value === 0)).toBe(true);
    const variance = (values: number[]) => values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    const close = (found: number, law: number, count: number) =>
      expect(Math.abs(found / law - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
    const slopes = atoms.slice(0, 7).flatMap(({ beta1 }) => beta1);
    close(variance(slopes), 0.01 / 32, slopes.length);
    const experts = atoms.flatMap(({ a, b }) => [...a, b]);
    close(variance(experts), 1 / 32, experts.length);
  });
});
