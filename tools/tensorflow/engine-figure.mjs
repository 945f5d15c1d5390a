// The figures of docs/native-tensorflow.md: where each engine wins, from what engine-race.mjs and training-steps.mjs measured.
//
//   node tools/tensorflow/engine-race.mjs --json tools/tensorflow/measured/races.json
//   node tools/tensorflow/training-steps.mjs --json tools/tensorflow/measured/training-steps.json
//   node tools/tensorflow/engine-figure.mjs [FOLDER]
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** @typedef {{ parameters: number, n: number, sets: number, fused: number, first: number }} Race */
/** @typedef {{ parameters: number, batch: number } & Record<"tfjs-native" | "tfjs-wasm" | "tfjs-cpu", number>} Step */
/** @typedef {{ parameters: number, ratio: number, series: string }} Point */
/** @typedef {keyof typeof inks} Theme */

const folder = process.argv[2] ?? fileURLToPath(new URL("../../docs/figures", import.meta.url));
const inks = {
  light: {
    ink: "#1c2128",
    faint: "#59636e",
    grid: "#d8dee4",
    page: "#ffffff",
    series: ["#0072b2", "#b24a00", "#007a55", "#a03c78"],
  },
  dark: {
    ink: "#e6edf3",
    faint: "#9da7b1",
    grid: "#30363d",
    page: "#0d1117",
    series: ["#56b4e9", "#f0a35e", "#35c79a", "#e08cbd"],
  },
};
const symbols = /** @type {const} */ (["circle", "square", "triangle", "diamond"]);
const size = { width: 760, height: 350 };
const described =
  "Core-seconds of the fused engine over those of native TensorFlow against the number of parameters: local least-squares fits, and training steps";

const races = /** @type {Race[]} */ (measured("races").rows).map(({ parameters, n, sets, fused, first }) => ({
  parameters,
  ratio: fused / first,
  series: `n = ${n === 10_000 ? "10,000" : "2,000 or 4,000"}, ${sets === 1 ? "one data set" : "10 or 30 data sets at once"}`,
}));
const steps = /** @type {const} */ (["tfjs-wasm", "tfjs-cpu"]).flatMap((other) =>
  /** @type {Step[]} */ (measured("training-steps")).map((step) => ({
    parameters: step.parameters,
    ratio: step[other] / step["tfjs-native"],
    series: `${other === "tfjs-wasm" ? "WebAssembly" : "JavaScript"}, batches of ${step.batch}`,
  })),
);

for (const theme of /** @type {const} */ (["light", "dark"]))
  writeFileSync(join(folder, `engines-${theme}.svg`), picture(theme));

/** @param {Theme} theme */
function picture(theme) {
  const panels = [
    panel("Local least-squares fit: fused engine / first steps on native TensorFlow", races, theme),
    panel("Training step: other backends / native TensorFlow", steps, theme),
  ];
  panels.forEach((one, i) => one.setAttribute("y", String(i * size.height)));
  const height = panels.length * size.height;
  const marks = panels.map((one) =>
    one.outerHTML.replace(/-?\d+\.\d{3,}/g, (/** @type {string} */ digits) =>
      String(Number(Number(digits).toFixed(2))),
    ),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${height}" viewBox="0 0 ${size.width} ${height}" font-family="system-ui, sans-serif" role="img" aria-label="${described}"><rect width="100%" height="100%" fill="${inks[theme].page}"/>${marks.join("\n")}</svg>\n`;
}

/** Ratios of core-seconds over the number of parameters; above 1 native TensorFlow needs less.
 *  @param {string} title @param {Point[]} points @param {Theme} theme */
function panel(title, points, theme) {
  const { ink, faint, grid, series } = inks[theme];
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const names = [...new Set(points.map((point) => point.series))].toSorted();
  const colour = (/** @type {Point} */ point) => series[names.indexOf(point.series)];
  const corner = /** @type {const} */ ({
    frameAnchor: "top-left",
    textAnchor: "start",
    lineAnchor: "middle",
  });
  const plot = Plot.plot({
    document: /** @type {any} */ (document),
    ...size,
    marginLeft: 62,
    marginTop: 84,
    marginBottom: 44,
    style: { color: ink, background: "none", fontSize: "12px" },
    x: {
      type: "log",
      domain: [10, 1500],
      ticks: [10, 30, 100, 300, 1000],
      tickFormat: "d",
      label: "parameters of two atoms, from d = 2, width 1 to d = 16, width 32",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: {
      type: "log",
      domain: [0.03, 150],
      ticks: [0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
      tickFormat: String,
      label: "ratio of core-seconds",
      labelAnchor: "center",
      labelArrow: "none",
    },
    color: { type: "identity" },
    symbol: { type: "identity" },
    marks: [
      Plot.gridY([0.03, 0.1, 0.3, 3, 10, 30, 100], { stroke: grid, strokeOpacity: 1 }),
      Plot.ruleY([1], { stroke: ink, strokeWidth: 1.2 }),
      Plot.text(["above 1 native TensorFlow needs less"], {
        frameAnchor: "bottom-right",
        dx: -8,
        dy: -8,
        fill: faint,
      }),
      Plot.line(
        points.toSorted((a, b) => a.parameters - b.parameters),
        { x: "parameters", y: "ratio", stroke: colour, z: "series", strokeOpacity: 0.5 },
      ),
      Plot.dot(points, {
        x: "parameters",
        y: "ratio",
        fill: colour,
        symbol: (/** @type {Point} */ point) => symbols[names.indexOf(point.series)],
        r: 4.5,
      }),
      Plot.text([title], { ...corner, dy: -68, fontWeight: "bold", fill: ink }),
      ...names.flatMap((name, i) => {
        const [dx, dy] = [6 + 330 * Math.floor(i / 2), 18 * (i % 2) - 44];
        return [
          Plot.dot([name], {
            frameAnchor: "top-left",
            dx,
            dy,
            fill: () => series[i],
            symbol: () => symbols[i],
            r: 4.5,
          }),
          Plot.text([name], { ...corner, dx: dx + 10, dy, fill: ink }),
        ];
      }),
    ],
  });
  for (const style of plot.querySelectorAll("style")) style.remove();
  return plot;
}

/** @param {string} name */
function measured(name) {
  return JSON.parse(readFileSync(new URL(`measured/${name}.json`, import.meta.url), "utf8"));
}
