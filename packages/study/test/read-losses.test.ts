import { parse } from "yaml";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { formatProblem, parseStudy, studySchema } from "../src/index.ts";
import { families } from "./support/families.ts";
import { validStudy } from "./support/valid-study.ts";

const parsed = (text: string) => {
  const found = parseStudy(text, { fileName: "study.yaml", families });
  if (!found.ok) throw new Error(found.problems.map(formatProblem).join("\n"));
  return { losses: found.study.losses, warnings: found.warnings.map(formatProblem) };
};
const named = "losses: [voronoi-d1, regression-l2]\n";
const withLosses = (text: string) => validStudy.replace(named, `losses: ${text}\n`);

describe("losses of a study", () => {
  test("may carry an order", () => {
    const losses = ["voronoi-d2:3", "wasserstein:1.5", "components", "expert-l2"];
    expect(parsed(withLosses(`[${losses.join(", ")}]`))).toEqual({ losses, warnings: [] });
  });

  test("are the truth's own Voronoi loss and the regression loss when none is named", () => {
    expect(parsed(validStudy.replace(named, "")).losses).toEqual(["voronoi-d1", "regression-l2"]);
  });

  test("compare functions by default where an expert has several units, and warn when parameters are asked for", () => {
    const wide = validStudy.replace("bias: false}", "bias: false, width: 3}");
    expect(parsed(wide.replace(named, "")).losses).toEqual(["expert-l2", "regression-l2"]);
    expect(parsed(wide).warnings).toEqual([
      'study.yaml, line 18, losses[0]: voronoi-d1 leaves out fit "fit": its experts have units that can change places; regression-l2 and expert-l2 compare functions',
    ]);
  });

  test("warn once for every fit whose atoms are of another kind", () => {
    const other = validStudy.replace("fit:\n", "fit:\n  gating: sigmoid\n");
    expect(parsed(other).warnings).toEqual([
      'study.yaml, line 19, losses[0]: voronoi-d1 leaves out fit "fit": its gates have other parameters than the truth\'s; regression-l2 and expert-l2 compare functions',
    ]);
  });

  test("towards targets ask for sigmoid gates in a fit, whatever the truth", () => {
    const fits = `fit:
  - {name: own, atoms: 3}
  - {name: other, atoms: 3, gating: sigmoid}
design:`;
    const both = withLosses("[sigmoid-d3]").replace(/fit:\n[^]*design:/u, fits);
    expect(parsed(both).warnings).toEqual([
      'study.yaml, line 17, losses[0]: sigmoid-d3 leaves out fit "own": its gates are softmax; regression-l2 and expert-l2 compare functions',
    ]);
    const none = parseStudy(withLosses("[sigmoid-d3]"), { fileName: "study.yaml", families });
    expect(none.ok ? [] : none.problems.map(formatProblem)).toEqual([
      'study.yaml, line 18, losses[0]: "sigmoid-d3" is for sigmoid gates, and no fit has them',
    ]);
  });

  test("are accepted by the JSON Schema exactly when they are by the reader", () => {
    const ajv = new Ajv2020({ strict: false });
    const schema = ajv.compile(studySchema(families));
    const orders = [
      "1",
      "9",
      "10",
      "11",
      "19",
      "20",
      "2.5",
      "1.05",
      "0",
      "0.5",
      "21",
      "20.5",
      "2.0",
      "02",
      "",
      "x",
      "1e1",
    ];
    for (const order of orders) {
      const text = withLosses(`["voronoi-d2:${order}"]`);
      expect([order, schema(parse(text))]).toEqual([
        order,
        parseStudy(text, { fileName: "study.yaml", families }).ok,
      ]);
    }
  });
});
