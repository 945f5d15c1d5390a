// The picture of two linear experts fitted to the penguins: regression function, experts and gate weights over the data.
//
//   node examples/penguins-figure.mjs [docs/figures/penguins.svg]
//
// It writes the data, fits them on the command line and evaluates the fit with @moe-rates/mixture.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createModel } from "@moe-rates/mixture";
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { penguins, writePenguins } from "./penguins-data.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const model = (atoms) => createModel({ gating: "softmax", expert: "linear", inputDim: 1, atoms });

/** The certified fit of k = 2 linear experts, as `fit --json` prints it. */
function fitPenguins() {
  const directory = mkdtempSync(join(tmpdir(), "penguins-"));
  try {
    const data = join(directory, "penguins.csv");
    writePenguins(data);
    const command = join(root, "apps", "orchestrator", "bin", "moe-rates.mjs");
    const options = ["--x", "mass", "--y", "depth", "--expert", "linear", "--atoms", "2", "--json"];
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, "fit", data, ...options], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** f, the experts h_j and the weights p_j at every x. A weight is the regression function with the experts 1 and 0 in place of h. */
function evaluate(atoms, x) {
  const values = (own) => {
    const out = new Float64Array(x.length);
    const { pack, regression } = model(own.length);
    regression(pack(own), x, x.length, out);
    return out;
  };
  const indicator = (j) => atoms.map((atom, l) => ({ ...atom, a: [0], b: l === j ? 1 : 0 }));
  return {
    regression: values(atoms),
    experts: atoms.map((atom) => values([atom])),
    weights: atoms.map((_, j) => values(indicator(j))),
  };
}

// Okabe and Ito's palette; species differ in shape as well.
const colours = ["#D55E00", "#0072B2"];
const frame = { width: 760, marginLeft: 62, marginRight: 20 };
const massDomain = [2.6, 6.4];
const yAxis = { labelAnchor: "center", labelArrow: "none", grid: true };

/** Words at points of a panel. */
function words(labels) {
  return labels.map(([x, y, text, fill, more]) =>
    Plot.text([[x, y]], {
      text: [text],
      fill,
      textAnchor: "start",
      stroke: "white",
      strokeWidth: 4,
      ...more,
    }),
  );
}

/** Data, regression function and experts. */
function dataPanel(document, curves, x) {
  const group = ({ species }) => (species === "Gentoo" ? 1 : 0);
  return Plot.plot({
    ...frame,
    document,
    height: 400,
    marginTop: 14,
    marginBottom: 10,
    x: { domain: massDomain, axis: null },
    y: { ...yAxis, domain: [12.5, 22], label: "beak depth (mm)", ticks: 8 },
    marks: [
      Plot.dot(penguins(), {
        x: "mass",
        y: "depth",
        symbol: (one) => ["circle", "triangle"][group(one)],
        stroke: (one) => colours[group(one)],
        strokeOpacity: 0.55,
        r: 3,
      }),
      ...curves.experts.map((values, j) =>
        Plot.line(values, {
          x,
          y: values,
          stroke: colours[j],
          strokeWidth: 1.8,
          strokeDasharray: "7,4",
          strokeOpacity: 0.6,
          clip: true,
        }),
      ),
      Plot.line(curves.regression, { x, y: curves.regression, stroke: "#111", strokeWidth: 2.5 }),
      ...words([
        [2.72, 20.6, "Adelie and Chinstrap", colours[0]],
        [5.2, 13.2, "Gentoo", colours[1]],
        [5.42, 21.25, "expert 1", colours[0]],
        [3.08, 12.95, "expert 2", colours[1]],
        [4.56, 16.8, "fitted regression\nfunction", "#111", { fontWeight: "bold" }],
      ]),
    ],
  });
}

/** Gate weights p_1, p_2. */
function gatePanel(document, curves, x) {
  return Plot.plot({
    ...frame,
    document,
    height: 150,
    marginTop: 12,
    marginBottom: 42,
    x: { domain: massDomain, label: "body mass (kg)", labelAnchor: "center", labelArrow: "none" },
    y: { ...yAxis, domain: [0, 1], label: "gate weight", ticks: 2 },
    marks: [
      ...curves.weights.map((values, j) =>
        Plot.line(values, { x, y: values, stroke: colours[j], strokeWidth: 2.5 }),
      ),
      ...words([
        [2.72, 0.82, "of expert 1", colours[0]],
        [5.72, 0.82, "of expert 2", colours[1]],
      ]),
    ],
  });
}

/** A plot as a group of a larger SVG, its coordinates to a hundredth of a pixel. */
function asGroup(plot, y) {
  for (const style of plot.querySelectorAll("style")) style.remove();
  const marks = plot.innerHTML.replace(/-?\d+\.\d{3,}/g, (number) =>
    String(Number(Number(number).toFixed(2))),
  );
  return `<g transform="translate(0,${y})">${marks.replaceAll("<g ", "\n<g ")}</g>`;
}

/** One SVG with both panels, white behind them. */
export function figure(atoms) {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const x = Float64Array.from({ length: 200 }, (_, i) => 2.65 + (6.35 - 2.65) * (i / 199));
  // The expert of the light penguins first, whatever the order of the fit.
  const curves = evaluate(
    atoms.toSorted((one, other) => one.beta1[0] - other.beta1[0]),
    x,
  );
  const panels = [dataPanel(document, curves, x), gatePanel(document, curves, x)];
  const heights = panels.map((panel) => Number(panel.getAttribute("height")));
  const size = [frame.width, heights[0] + heights[1]];
  const text = `font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222" color="#222" text-anchor="middle"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" viewBox="0 0 ${size.join(" ")}" ${text}>
<rect width="100%" height="100%" fill="white" stroke="none"/>
${asGroup(panels[0], 0)}
${asGroup(panels[1], heights[0])}
</svg>
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const out = process.argv[2] ?? join(root, "docs", "figures", "penguins.svg");
  const { certified, atoms } = fitPenguins();
  if (!certified) throw new Error("the fit is not certified");
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, figure(atoms));
  process.stdout.write(`wrote ${out}\n`);
}
