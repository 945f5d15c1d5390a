import { flatSection, interval, line, startsSection } from "./contrast.mjs";
import { jointSection } from "./joint.mjs";

/** Markdown of docs/reproduction.md.
 *  @param {import("./claims.mjs").Claim[]} claims
 *  @param {{command: string, effort: string, joint: Parameters<typeof jointSection>[0], pictured: (study: string) => boolean}} how */
export function reproductionPage(claims, { command, effort, joint, pictured }) {
  const studies = grouped(claims);
  return [
    "# Reproduction: one row per claim",
    "",
    `Written by \`${command}\`${effort}. Every row is one prediction at one study: what the paper states, what holds as far as proofs and exact`,
    "constructions reach ([audit](audit.md)), the noise-free exponent of the same quantity (`profile`: how far it can be when the regression",
    "functions are within ε; ε^1 goes with n^-1/2, ε^0.5 with n^-1/4, a plateau with no convergence), the measured slope of its median with a 95 %",
    "interval, and a verdict on each statement. A slope at one truth never refutes a minimax bound. `local` fits start near the truth and",
    "say nothing of the least-squares estimator. Intervals of few replicates are wide: `inconclusive` says so.",
    "",
    `Verdicts on audited statements: ${verdictCounts(claims)}.`,
    "",
    ...jointSection(joint),
    ...flatSection(claims),
    ...startsSection(claims),
    ...[...studies].flatMap(([study, rows]) => section(study, rows, pictured(study))),
  ].join("\n");
}

/** `82 minutes on 2 threads, 42 on 1`, most threads first. @param {Record<string, number>} minutes by number of threads */
export function effortText(minutes) {
  return Object.entries(minutes)
    .toSorted(([a], [b]) => Number(b) - Number(a))
    .map(
      ([threads, spent], i) =>
        `${Math.round(spent)}${i === 0 ? " minutes" : ""} on ${threads}${i === 0 ? ` thread${threads === "1" ? "" : "s"}` : ""}`,
    )
    .join(", ");
}

/** @param {string} study @param {import("./claims.mjs").Claim[]} rows @param {boolean} pictured */
function section(study, rows, pictured) {
  const head = [
    "fit",
    "k",
    "quantity",
    "published",
    "audited",
    "profile",
    "slope [95 %]",
    "sizes × replicates",
    "certified",
    "on published",
    "on audited",
  ];
  const file = `[Study file](../apps/orchestrator/studies/${study}.yaml)`;
  return [
    `## ${study}`,
    "",
    pictured ? `${file}, [top of its report](figures/studies/${study}.png)` : file,
    "",
    line(head),
    line(head.map(() => "---")),
    ...rows.map((row) =>
      line([
        row.fit,
        row.k,
        row.quantity,
        row.published ? `${row.published.statement} (${row.published.scope})` : "",
        row.audited?.statement ?? "",
        row.profile,
        interval(row.slope, row.ci),
        `${row.sizes} × ${row.replicates}`,
        row.local ? "local" : `${Math.round(100 * row.certifiedShare)} %`,
        row.published?.verdict ?? "",
        row.audited?.verdict ?? "",
      ]),
    ),
    "",
  ];
}

/** @param {import("./claims.mjs").Claim[]} claims */
function verdictCounts(claims) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { audited } of claims) if (audited) counts[audited.verdict] = (counts[audited.verdict] ?? 0) + 1;
  return Object.entries(counts)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(", ");
}

/** @param {import("./claims.mjs").Claim[]} claims */
function grouped(claims) {
  /** @type {Map<string, import("./claims.mjs").Claim[]>} */
  const groups = new Map();
  for (const claim of claims) groups.set(claim.study, [...(groups.get(claim.study) ?? []), claim]);
  return groups;
}
