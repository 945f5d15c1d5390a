import { lossNames } from "@moe-rates/losses";
import { describe, expect, test } from "vitest";
import { formatProblem, parseStudy } from "../src/index.ts";
import { families } from "./support/families.ts";
import { validStudy } from "./support/valid-study.ts";

const parse = (text: string, overrides: string[] = []) =>
  parseStudy(text, { fileName: "study.yaml", families, overrides });

function problemsOf(text: string, overrides: string[] = []): string[] {
  const parsed = parse(text, overrides);
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
}

function warningsOf(text: string): string[] {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  return parsed.warnings.map(formatProblem);
}

function studyOf(text: string, overrides: string[] = []) {
  const parsed = parse(text, overrides);
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  return parsed.study;
}

/** The valid study with one piece replaced. */
function broken(from: string, to: string): string {
  if (!validStudy.includes(from)) throw new Error(`the valid study has no "${from}"`);
  return validStudy.replace(from, to);
}

const input = "{law: uniform, low: -3, high: 3, dim: 2}";
const grid = "{from: 1e3, to: 1e6, count: 13}";
const starts = "{near-truth: {radius: 0.1, count: 2}, random: 6}";
const fit = validStudy.slice(validStudy.indexOf("fit:"), validStudy.indexOf("design:"));

describe("a valid study", () => {
  test("comes back with every default filled in", () => {
    const study = studyOf(validStudy.replace("  box: 10\n", "").replace(/losses.*\n/, ""));
    expect(study.truth.gating).toEqual({ family: "softmax" });
    expect(study.truth.expert).toEqual({
      family: "ffn",
      activation: "tanh",
      scale: false,
      bias: false,
      normalise: false,
    });
    expect(study.fits.map((one) => [one.name, one.atoms, one.box])).toEqual([
      ["fit", 2, 10],
      ["fit", 3, 10],
    ]);
    expect(study).toMatchObject({
      nested: true,
      commonRandomNumbers: true,
      losses: ["voronoi-d1", "regression-l2"],
      replicates: 40,
    });
  });

  test("names an option that a family gained later only where it is not at its default", () => {
    const expertOf = (options: string) =>
      studyOf(broken("{family: ffn, activation: tanh, bias: false}", `{family: ffn, bias: false${options}}`))
        .truth.expert;
    expect(expertOf(", width: 1")).toEqual(expertOf(""));
    expect(expertOf("")).not.toHaveProperty("width");
    expect(expertOf(", width: 2")).toHaveProperty("width", 2);
  });

  test("has no warnings when theory's assumptions hold", () => {
    expect(warningsOf(validStudy)).toEqual([]);
  });

  test("means the same in YAML and in JSON", () => {
    const json = JSON.stringify(
      {
        $schema: "./study.schema.json",
        name: "softmax-tanh",
        seed: 20250405,
        truth: {
          gating: { family: "softmax" },
          expert: { family: "ffn", bias: false },
          input: { law: "uniform", low: -3, high: 3, dim: 2 },
          noise: { sd: 0.1 },
          atoms: [
            { beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8] },
            { beta1: [0, 0], beta0: 0, a: [-0.8, 1.6] },
          ],
        },
        fit: [
          { atoms: [2, 3], box: 10, starts: { "near-truth": { radius: 0.1, count: 2 }, random: 6, add: 0 } },
        ],
        design: { sampleSizes: { from: 1000, to: 1000000, count: 13 }, replicates: 40 },
      },
      null,
      "\t",
    );
    expect(studyOf(json)).toEqual(studyOf(validStudy));
  });

  test("expands log-spaced sizes with both ends exact", () => {
    const sizes = studyOf(validStudy).sampleSizes;
    expect(sizes).toHaveLength(13);
    expect(sizes.slice(0, 5)).toEqual([1000, 1778, 3162, 5623, 10000]);
    expect(sizes.at(-1)).toBe(1_000_000);
  });

  test("expands evenly spaced sizes: those of the published simulations are 452 or 453 apart", () => {
    const sizes = studyOf(
      validStudy.replace(
        /sampleSizes: \{.*\}/,
        "sampleSizes: {from: 1e4, to: 1e5, count: 200, spacing: linear}",
      ),
    ).sampleSizes;
    expect(sizes).toHaveLength(200);
    expect(sizes.slice(0, 4)).toEqual([10_000, 10_452, 10_905, 11_357]);
    expect(sizes.at(-1)).toBe(100_000);
  });

  test("takes the mixed start policy when none is given", () => {
    const mixed = {
      "near-truth": { radius: 0.4, count: 2 },
      random: 4,
      "k-means": 1,
      split: 8,
      add: 90,
      around: 16,
    };
    expect(studyOf(broken(`  starts: ${starts}\n`, "")).fits[0].starts).toEqual(mixed);
    expect(studyOf(broken(starts, "mixed")).fits[0].starts).toEqual(mixed);
  });

  test("takes mixed starts without near-truth when the fitted atoms have other parameters than the true ones", () => {
    const other = studyOf(broken(`  starts: ${starts}\n`, "  expert: linear\n")).fits[0];
    expect(other.expert).toEqual({ family: "linear" });
    expect(Object.keys(other.starts)).toEqual(["random", "k-means", "split", "add", "around"]);
  });

  test("may fit several named models, each with its own gating", () => {
    const study = studyOf(
      broken(fit, "fit:\n  - {name: a, atoms: 2}\n  - {name: b, atoms: [2, 3], gating: sigmoid}\n"),
    );
    expect(study.fits.map((one) => [one.name, one.atoms, (one.gating as { family: string }).family])).toEqual(
      [
        ["a", 2, "softmax"],
        ["b", 2, "sigmoid"],
        ["b", 3, "sigmoid"],
      ],
    );
  });

  test("draws inputs from covariates, whose columns are x1, x2, ... unless named", () => {
    expect(studyOf(broken(input, "{covariates: data.csv}")).truth.input).toEqual({
      law: "covariates",
      file: "data.csv",
      columns: ["x1", "x2"],
    });
    expect(studyOf(broken(input, "{law: covariates, file: d.parquet, columns: [u, v]}")).truth.input).toEqual(
      {
        law: "covariates",
        file: "d.parquet",
        columns: ["u", "v"],
      },
    );
  });

  test("shares parts through a few YAML aliases", () => {
    const shared = validStudy.replace("[1.6, 0.8]", "&a [1.6, 0.8]").replace("[-0.8, 1.6]", "*a");
    expect(studyOf(shared).truth.atoms.map((atom) => atom["a"])).toEqual([
      [1.6, 0.8],
      [1.6, 0.8],
    ]);
  });
});

describe("a problem names file, line, key, what came and what is allowed", () => {
  const atom = "study.yaml, line 9, truth.atoms[0]";
  test.each([
    [
      "an unknown gating",
      broken("gating: softmax", "gating: sofmax"),
      'study.yaml, line 4, truth.gating: unknown gating "sofmax"; known: softmax, sigmoid; did you mean softmax?',
    ],
    [
      "a gating of another version",
      broken("gating: softmax", "gating: {family: top-k, k: 2}"),
      'study.yaml, line 4, truth.gating.family: unknown gating "top-k", not available in this version; known: softmax, sigmoid',
    ],
    [
      "an expert that needs options",
      broken("{family: ffn, activation: tanh, bias: false}", "polynomial"),
      'study.yaml, line 5, truth.expert: "polynomial" needs options: {family: polynomial, degree: ...}',
    ],
    [
      "an expert in the command line's form",
      broken("{family: ffn, activation: tanh, bias: false}", "ffn:tanh"),
      'study.yaml, line 5, truth.expert: "ffn:tanh" has its options in a mapping here: {family: ffn, ...}',
    ],
    [
      "an unknown activation",
      broken("activation: tanh", "activation: tanhh"),
      'study.yaml, line 5, truth.expert.activation: the text "tanhh" is not allowed; known: relu, gelu, sigmoid, tanh; did you mean tanh?',
    ],
    [
      "an unknown law",
      broken("law: uniform", "law: unifrm"),
      'study.yaml, line 6, truth.input.law: unknown law "unifrm"; known: uniform, normal, sphere, covariates; did you mean uniform?',
    ],
    [
      "a missing law",
      broken("law: uniform, ", ""),
      "study.yaml, line 6, truth.input.law: is missing; known: uniform, normal, sphere, covariates",
    ],
    [
      "an empty interval",
      broken("low: -3", "low: 3"),
      "study.yaml, line 6, truth.input.low: must be below high; got low 3, high 3",
    ],
    [
      "a box that excludes the truth",
      broken("box: 10", "box: 0.1"),
      "study.yaml, line 13, fit.box: 0.1 excludes the truth (|a| = 1.6); use at least 1.6",
    ],
    [
      "zero noise",
      broken("sd: 0.1", "sd: 0"),
      "study.yaml, line 7, truth.noise.sd: must be at least 1e-9, got 0: fits stop and are compared in units of the noise variance; for nearly noise-free data take a small value such as 1e-3",
    ],
    [
      "NaN",
      broken("sd: 0.1", "sd: .nan"),
      "study.yaml, line 7, truth.noise.sd: must be a finite number, got .nan",
    ],
    [
      "a number too large for a double",
      broken("beta0: 0.4", "beta0: 1e400"),
      `${atom}.beta0: must be a finite number, got 1e400`,
    ],
    ["zero fitted atoms", broken("[2, 3]", "0"), "study.yaml, line 12, fit.atoms: must be at least 1, got 0"],
    ["no fitted atoms", broken("[2, 3]", "[]"), "study.yaml, line 12, fit.atoms: must not be empty"],
    [
      "half an atom",
      broken("[2, 3]", "[2, 2.5]"),
      "study.yaml, line 12, fit.atoms[1]: must be a whole number, got 2.5",
    ],
    [
      "a vector of the wrong length",
      broken("beta1: [1, -0.7]", "beta1: [1]"),
      `${atom}.beta1: expected a list of 2 (the dimension of x), got a list of 1`,
    ],
    ["a number for a vector", broken("a: [1.6, 0.8]", "a: 1.6"), `${atom}.a: expected a list, got 1.6`],
    [
      "a parameter the expert does not have",
      broken("a: [1.6, 0.8]", "a: [1.6, 0.8], b: 1"),
      `${atom}.b: unknown parameter; atoms with softmax gating and ffn experts (bias: false) have beta1, beta0, a`,
    ],
    ["a missing parameter", broken("beta0: 0.4, ", ""), `${atom}.beta0: is missing; expected a number`],
    [
      "a quoted number",
      broken("seed: 20250405", 'seed: "1e3"'),
      'study.yaml, line 2, seed: expected a whole number, got the text "1e3"; write it as 1000, without quotes or other signs',
    ],
    [
      "a seed that doubles cannot hold",
      broken("seed: 20250405", "seed: 9007199254740993"),
      "study.yaml, line 2, seed: must be at most 9007199254740991, got 9007199254740993: a larger number would lose digits",
    ],
    [
      "a name with a space",
      broken("softmax-tanh", "My Study"),
      'study.yaml, line 1, name: "My Study" does not fit ^[a-z0-9][a-z0-9._-]*$: names are made of lower-case letters, digits, dots, dashes and underscores and start with a letter or digit',
    ],
    [
      "an unknown key",
      broken("losses:", "loses:"),
      "study.yaml, line 18, loses: unknown key; known: name, seed, truth, fit, design, losses; did you mean losses?",
    ],
    [
      "a key given twice",
      broken("seed: 20250405", "seed: 1\nseed: 2"),
      "study.yaml, line 3, seed: given twice; the first is on line 2",
    ],
    [
      "YAML 1.1's yes",
      broken("replicates: 40", "replicates: 40\n  nested: yes"),
      'study.yaml, line 18, design.nested: expected true or false, got the text "yes"; write true',
    ],
    [
      "sizes that do not increase",
      broken(grid, "[1000, 500]"),
      "study.yaml, line 16, design.sampleSizes[1]: must be greater than the size before it; got 500 after 1000",
    ],
    [
      "a target on a loss that is not measured",
      broken("replicates: 40", "replicates: {target: {slopeHalfWidth: 0.02, loss: voronoi-d4}, max: 400}"),
      `study.yaml, line 17, design.replicates.target.loss: must be one of the study's losses (voronoi-d1, regression-l2); got "voronoi-d4"`,
    ],
    [
      "a first round above the most replicates",
      broken("replicates: 40", "replicates: {target: {slopeHalfWidth: 0.02}, initial: 50, max: 40}"),
      "study.yaml, line 17, design.replicates.initial: must not exceed max; got initial 50, max 40",
    ],
    [
      "an unknown loss",
      broken("regression-l2", "regresion-l2"),
      `study.yaml, line 18, losses[1]: unknown loss "regresion-l2"; known: ${lossNames.join(", ")}; did you mean regression-l2?`,
    ],
    [
      "a loss without the order it needs",
      broken("regression-l2", "voronoi-d2"),
      'study.yaml, line 18, losses[1]: "voronoi-d2" needs an order from 1 to 20 after a colon, for example voronoi-d2:2',
    ],
    [
      "a loss of another gating",
      broken("regression-l2", "sigmoid-d1"),
      'study.yaml, line 18, losses[1]: "sigmoid-d1" is for sigmoid gates, and those of the truth are softmax; use voronoi-d1',
    ],
    [
      "a loss named twice",
      broken("regression-l2", "voronoi-d1"),
      "study.yaml, line 18, losses[1]: repeats voronoi-d1",
    ],
    [
      "no starts",
      broken(starts, "{random: 0}"),
      "study.yaml, line 14, fit.starts: asks for no start at all; give at least one, or leave starts out for the mixed policy",
    ],
    [
      "near-truth starts in another model",
      broken("  box: 10", "  expert: linear"),
      "study.yaml, line 14, fit.starts.near-truth: needs atoms with the truth's parameters, and this gating and expert have others",
    ],
    [
      "covariates without columns or dimension",
      broken(input, "{covariates: data.csv}").replaceAll(/beta1: \[.*?\], +/g, ""),
      "study.yaml, line 6, truth.input.columns: is missing; expected the names of the columns of x, for example [x1, x2]",
    ],
    ["an empty file", "# nothing yet\n", "study.yaml, line 1: is empty; a study was expected"],
    [
      "a file that is a list",
      "- 1\n",
      "study.yaml, line 1: expected a mapping with name, seed, truth, fit, design, got a list of 1",
    ],
  ])("%s", (_, text, message) => {
    expect(problemsOf(text)).toEqual([message]);
  });

  test("all problems of a file are reported at once, in the order of the file", () => {
    const text = validStudy
      .replace("seed: 20250405", "seed: -1")
      .replace("sd: 0.1", "sd: x")
      .replace("a: [-0.8, 1.6]", "a: [-0.8]")
      .replace("box: 10", "boxx: 10")
      .replace("count: 13", "count: 0");
    const lines = problemsOf(text).map((line) => line.split(":")[0]);
    expect(lines).toEqual([
      "study.yaml, line 2, seed",
      "study.yaml, line 7, truth.noise.sd",
      "study.yaml, line 10, truth.atoms[1].a",
      "study.yaml, line 13, fit.boxx",
      "study.yaml, line 16, design.sampleSizes.count",
    ]);
  });

  test("an unknown family does not hide problems of the parts that are known", () => {
    const text = validStudy.replace("softmax\n", "sofmax\n").replace("a: [1.6, 0.8]", "a: [1.6]");
    expect(problemsOf(text).map((line) => line.split(":")[0])).toEqual([
      "study.yaml, line 4, truth.gating",
      "study.yaml, line 9, truth.atoms[0].a",
    ]);
    expect(problemsOf(text.replace("a: [1.6]", "a: [1.6, 1]").replace("box: 10", "box: 1"))[1]).toMatch(
      /line 13, fit\.box: 1 excludes the truth/,
    );
  });

  test("a missing part says what belongs there", () => {
    expect(
      problemsOf("name: a\nseed: 1\nfit: {atoms: 2}\ntruth: {gating: softmax, noise: {sd: 1}}\n"),
    ).toEqual([
      "study.yaml, line 1, design: is missing; expected a mapping with sampleSizes, replicates: sample sizes and replicates",
      "study.yaml, line 4, truth.expert: is missing; expected one of linear, ffn or a mapping with family: expert family of the true model",
      "study.yaml, line 4, truth.input: is missing; expected a mapping with law: law of the inputs x",
      "study.yaml, line 4, truth.atoms: is missing; expected a list: true atoms, one mapping each; their number is k*",
    ]);
  });

  test("several fits need distinct names, and no two the same design", () => {
    expect(problemsOf(broken(fit, "fit:\n  - {name: a, atoms: 2}\n  - {name: a, atoms: 3}\n"))).toEqual([
      "study.yaml, line 13, fit[1].name: a is the name of fit[0] too; each fit has its own name",
    ]);
    expect(problemsOf(broken(fit, "fit:\n  - {name: a, atoms: 2}\n  - {name: b, atoms: [2, 3]}\n"))).toEqual([
      "study.yaml, line 13, fit[1]: with 2 atoms is the same design as in a; remove one of them",
    ]);
  });
});

describe("the box", () => {
  const far = validStudy.replace("beta1: [0, 0]", "beta1: [30, 0]");

  test("bounds softmax gates by their difference to the mean gate", () => {
    expect(problemsOf(far)).toEqual([
      "study.yaml, line 13, fit.box: 10 excludes the truth (|beta1 - mean gate| = 14.5); use at least 14.5",
    ]);
    expect(problemsOf(far.replace("box: 10", "box: 14.5"))).toEqual([]);
  });

  test("bounds sigmoid gates themselves", () => {
    expect(problemsOf(far.replace("softmax\n", "sigmoid\n"))).toEqual([
      "study.yaml, line 13, fit.box: 10 excludes the truth (|beta1| = 30); use at least 30",
    ]);
  });

  test("is checked at its default too", () => {
    expect(problemsOf(far.replace("  box: 10\n", ""))).toEqual([
      "study.yaml, line 12, fit.box: the default 10 excludes the truth (|beta1 - mean gate| = 14.5); use at least 14.5",
    ]);
  });

  test("suggests three digits, rounded up", () => {
    const text = validStudy.replace("a: [1.6, 0.8]", "a: [1.23456, 0.8]").replace("[-0.8, 1.6]", "[0, 0]");
    expect(problemsOf(text.replace("box: 10", "box: 1"))).toEqual([
      "study.yaml, line 13, fit.box: 1 excludes the truth (|a| = 1.23456); use at least 1.24",
    ]);
    expect(problemsOf(text.replace("box: 10", "box: 1.24"))).toEqual([]);
  });

  test("says nothing about parts that the fitted model does not share with the truth", () => {
    const other = far.replace("box: 10", "box: 1.6\n  gating: sigmoid").replace(starts, "mixed");
    expect(problemsOf(other)).toEqual([]);
  });
});

describe("warnings", () => {
  test("k below k* and above 2k*-1", () => {
    expect(warningsOf(broken("[2, 3]", "[1, 4]"))).toEqual([
      "study.yaml, line 12, fit.atoms: 1 is less than the 2 true atoms: the fitted model cannot be the truth",
      "study.yaml, line 12, fit.atoms: 4 is more than 2k*-1 = 3: gates are not identified from there on, so their loss need not shrink",
    ]);
  });

  test("sample sizes below the number of parameters", () => {
    expect(warningsOf(broken(grid, "[10, 100, 1000]"))).toEqual([
      "study.yaml, line 16, design.sampleSizes: n = 10 is below the 15 parameters of 3 fitted atoms (fit)",
    ]);
  });

  test("gates that do not depend on x, and equal experts", () => {
    expect(warningsOf(broken("beta1: [1, -0.7]", "beta1: [0, 0]"))).toEqual([
      "study.yaml, line 9, truth.atoms: all atoms have the same beta1: the gate does not depend on x",
    ]);
    expect(warningsOf(broken("[-0.8, 1.6]", "[1.6, 0.8]"))).toEqual([
      "study.yaml, line 9, truth.atoms: atoms 0 and 1 have the same expert; theory assumes distinct ones",
    ]);
    const sigmoid = validStudy.replace("beta1: [1, -0.7]", "beta1: [0, 0]").replace("softmax\n", "sigmoid\n");
    expect(warningsOf(sigmoid)).toEqual([]);
  });

  test("fewer than two true atoms", () => {
    const text = validStudy.replace(/\n.*beta0: 0, .*\n/, "\n").replace("[2, 3]", "1");
    expect(warningsOf(text)).toEqual([
      "study.yaml, line 9, truth.atoms: there is one true atom; rates of gates are stated for k* of at least 2, and a single gate is not identified",
    ]);
  });

  test("grids too small for a slope or a standard error, and sizes that coincide after rounding", () => {
    expect(warningsOf(broken(grid, "[100, 1000]"))).toHaveLength(1);
    expect(warningsOf(broken("replicates: 40", "replicates: 1"))).toHaveLength(1);
    expect(warningsOf(broken(grid, "{from: 100, to: 104, count: 9}"))).toEqual([
      "study.yaml, line 16, design.sampleSizes: 9 sizes from 100 to 104 are 5 distinct ones after rounding",
    ]);
  });
});

describe("overrides", () => {
  test("replace values anywhere, read as YAML", () => {
    const study = studyOf(validStudy, [
      "design.replicates=1e2",
      "truth.atoms[1].a=[0.5, -1]",
      "truth.expert.activation=gelu",
      "fit.starts.random=9",
    ]);
    expect(study.replicates).toBe(100);
    expect(study.truth.atoms[1]["a"]).toEqual([0.5, -1]);
    expect(study.truth.expert).toMatchObject({ activation: "gelu" });
    expect(study.fits[0].starts).toEqual({ "near-truth": { radius: 0.1, count: 2 }, random: 9 });
  });

  test("make the mappings they need", () => {
    const study = studyOf(broken(`  starts: ${starts}\n`, ""), [
      "fit.starts.random=3",
      "design.nested=false",
    ]);
    expect(study.fits[0].starts).toEqual({ random: 3 });
    expect(study.nested).toBe(false);
  });

  test("are named instead of a line", () => {
    expect(problemsOf(validStudy, ["fit.box=0.1"])).toEqual([
      "--set fit.box: 0.1 excludes the truth (|a| = 1.6); use at least 1.6",
    ]);
    expect(problemsOf(validStudy, ["fit.starts={random: 1, split: x}"])).toEqual([
      '--set fit.starts, fit.starts.split: expected a whole number, got the text "x"',
    ]);
    expect(problemsOf(validStudy, ["fit.boxx=1"])[0]).toMatch(
      /^--set fit\.boxx: unknown key; known: name, atoms/,
    );
  });

  test("that cannot be applied say why", () => {
    expect(
      problemsOf(validStudy, [
        "box",
        "a b=1",
        "truth.atoms[2].a=[1, 1]",
        "truth.gating.family=softmax",
        "truth.atoms.a=[1, 1]",
        "seed=",
      ]),
    ).toEqual([
      "--set box: has no value; write --set key=value",
      '--set a b: "a b" is not a key; write keys like truth.atoms[1].a',
      "--set truth.atoms[2].a, truth.atoms[2]: there is no item 2: truth.atoms is a list of 2",
      '--set truth.gating.family: cannot be set: truth.gating is the text "softmax"; set truth.gating as a whole',
      "--set truth.atoms.a: cannot be set: truth.atoms is a list of 2; name an item, as in truth.atoms[0].a",
      "--set seed: has no value",
    ]);
  });
});
