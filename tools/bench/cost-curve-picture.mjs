import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** @typedef {import("./report.mjs").CurvePoint} CurvePoint */

const inks = {
  light: { ink: "#1c2128", grid: "#d8dee4", page: "#ffffff", series: ["#0072b2", "#b24a00"] },
  dark: { ink: "#e6edf3", grid: "#30363d", page: "#0d1117", series: ["#56b4e9", "#f0a35e"] },
};
const symbols = /** @type {const} */ (["circle", "square"]);
const panel = { width: 300, height: 300, marginTop: 40, marginLeft: 52, marginRight: 12, marginBottom: 42 };

/** SVG of the CPU time of a certified fit against n, the number of inputs and the number of atoms, one panel each, one line per design. Of every
 *  design a panel shows the points that share the other two numbers with most others.
 *  @param {readonly CurvePoint[]} points @param {"light" | "dark"} theme */
export function costCurvePicture(points, theme) {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const names = [...new Set(points.map(({ name }) => name))];
  const { ink, grid, page, series } = inks[theme];
  const times = points.map(({ seconds }) => seconds);
  const y = { type: "log", domain: [Math.min(...times) / 1.5, Math.max(...times) * 1.5] };
  const panels = /** @type {const} */ ([
    ["n", "sample size n", "log"],
    ["inputs", "inputs d", "linear"],
    ["k", "fitted atoms k", "linear"],
  ]).map(([key, label, type], index) => {
    const shown = names.flatMap((name) =>
      alongAxis(
        points.filter((one) => one.name === name),
        key,
      ),
    );
    const values = [...new Set(shown.map((one) => one[key]))].sort((a, b) => a - b);
    const [{ n, inputs, k }] = shown;
    const others = {
      n: `d = ${inputs}, k = ${k}`,
      inputs: `n = ${exponentText(n)}, k = ${k}`,
      k: `n = ${exponentText(n)}, d = ${inputs}`,
    };
    const colour = (/** @type {CurvePoint} */ { name }) => series[names.indexOf(name)];
    const plot = Plot.plot({
      document: /** @type {any} */ (document),
      ...panel,
      style: { color: ink, background: "none", fontSize: "12px" },
      x: {
        type,
        label: `${label} (${others[key]})`,
        labelAnchor: "center",
        labelArrow: "none",
        ticks: values,
        tickFormat: key === "n" ? exponentText : "d",
        ...(values.length < 2 && { domain: [values[0] / 2, values[0] * 2] }),
      },
      y: {
        .../** @type {any} */ (y),
        label: index === 0 ? "CPU seconds" : null,
        labelAnchor: "center",
        labelArrow: "none",
        tickFormat: "~g",
      },
      symbol: { type: "identity" },
      color: { type: "identity" },
      marks: [
        Plot.gridY({ stroke: grid, strokeOpacity: 1 }),
        Plot.line(shown, { x: key, y: "seconds", stroke: colour, z: "name" }),
        Plot.dot(shown, {
          x: key,
          y: "seconds",
          fill: colour,
          symbol: (/** @type {CurvePoint} */ { name }) => symbols[names.indexOf(name)],
          r: 4,
        }),
        ...(index > 0
          ? []
          : names.map((name, line) =>
              Plot.text([name], {
                text: (/** @type {string} */ one) => one,
                frameAnchor: "top-left",
                dy: -32 + 16 * line,
                fill: series[line],
              }),
            )),
      ],
    });
    for (const style of plot.querySelectorAll("style")) style.remove();
    plot.setAttribute("x", String(index * panel.width));
    return plot.outerHTML.replace(/\d+\.\d{3,}/g, (/** @type {string} */ number) =>
      String(Number(Number(number).toFixed(2))),
    );
  });
  const width = panels.length * panel.width;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${panel.height}" viewBox="0 0 ${width} ${panel.height}" font-family="system-ui, sans-serif" role="img" aria-label="CPU seconds of a certified fit against the sample size, the number of inputs and the number of fitted atoms"><rect width="100%" height="100%" fill="${page}"/>${panels.join("")}</svg>\n`;
}

/** The points that differ in `key` alone, the largest such set.
 *  @param {readonly CurvePoint[]} points @param {"n" | "inputs" | "k"} key */
function alongAxis(points, key) {
  /** @type {Map<string, CurvePoint[]>} */
  const sets = new Map();
  for (const point of points) {
    const others = ["n", "inputs", "k"].filter((one) => one !== key);
    const fixed = others.map((other) => point[/** @type {"n" | "inputs" | "k"} */ (other)]).join(" ");
    sets.set(fixed, [...(sets.get(fixed) ?? []), point]);
  }
  const [largest = []] = [...sets.values()].sort((a, b) => b.length - a.length);
  return largest.toSorted((a, b) => a[key] - b[key]);
}

/** @param {number} value */
function exponentText(value) {
  return value.toExponential().replace("+", "");
}
