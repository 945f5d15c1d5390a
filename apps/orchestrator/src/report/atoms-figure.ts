import * as Plot from "@observablehq/plot";
import type { NamedAtom } from "@moe-rates/study";
import { pictureDocument, pictureMarkup, pictureWidth, replicateMarks } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { shortNumber, wholeNumber } from "./format-number.ts";
import { fragment } from "./html.ts";
import type { AtomFacts } from "./report-data.ts";
import { colourOf, cornerText, gridLines, symbolOf } from "./series-style.ts";

/** Fitted atoms of one design, of which two parameters are drawn against each other. */
export interface AtomsPlot {
  readonly id: string;
  readonly design: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly atoms: readonly AtomFacts[];
  readonly truth: readonly Readonly<Record<string, number>>[];
  readonly shownReplicates: number;
}

/** Parameters of one kind (gate or expert) that a figure can show. */
export interface AtomPlane {
  readonly part: "gate" | "expert";
  readonly x: string;
  readonly y: string;
  /** Parameters of this kind, for the caption: two of them are drawn. */
  readonly of: number;
}

/** Parameters of a gate by name, as the shipped gatings have them; those of its group among them. Everything else of an atom is its expert's. */
const gateParameter = /^(beta1|omega|centre|group\.)/;
/** What no plane shows: masses, the number of the group, and what all atoms share. */
const noPlane = new Set(["beta0", "group", "temperature"]);

/** The planes of a design's atoms: the first two slopes of the gate, the first two parameters of the expert. A part with a single parameter
 *  is drawn against the gate's bias. */
export function atomPlanes(atoms: readonly AtomFacts[]): AtomPlane[] {
  const names = [...new Set(atoms.flatMap(({ values }) => Object.keys(values)))];
  const parts = [
    ["gate", names.filter((name) => gateParameter.test(name) && !noPlane.has(name))],
    ["expert", names.filter((name) => !gateParameter.test(name) && !noPlane.has(name))],
  ] as const;
  return parts.flatMap(([part, own]) => {
    const [x, y = names.includes("beta0") ? "beta0" : undefined] = own;
    return x === undefined || y === undefined ? [] : [{ part, x, y, of: own.length }];
  });
}

/** A true atom under the parameter names of the rows: vectors spelled out as `a[0]`, `a[1]`. */
export function flatAtom(atom: NamedAtom): Record<string, number> {
  return Object.fromEntries(
    Object.entries(atom).flatMap(([name, value]) =>
      typeof value === "number"
        ? [[name, value] as const]
        : value.map((one, index) => [`${name}[${index}]`, one] as const),
    ),
  );
}

/** Where the atoms went: fitted atoms around the true ones, coloured by Voronoi cell, one picture per sample size on common axes. */
export function atomsFigure(plot: AtomsPlot): Figure {
  const known = plot.atoms.filter(
    ({ values }) => Number.isFinite(values[plot.x]) && Number.isFinite(values[plot.y]),
  );
  const sizes = [...new Set(known.map(({ n }) => n))].sort((a, b) => a - b);
  const domains = { x: domainOf(plot, known, plot.x), y: domainOf(plot, known, plot.y) };
  const inside = (atom: AtomFacts): boolean =>
    (["x", "y"] as const).every((axis) => {
      const value = atom.values[plot[axis]];
      return value >= domains[axis][0] && value <= domains[axis][1];
    });
  const outside = known.filter((atom) => !inside(atom)).length;
  const shown = sizes.map((n) => known.filter((atom) => atom.n === n && inside(atom)));
  return {
    id: plot.id,
    design: plot.design,
    title: plot.title,
    sliderLabel: "n",
    caption: fragment`Crosses: true atoms, numbered. Fitted atoms of the first ${plot.shownReplicates} replicates
    of each size in the aligned gauge, with the colour and shape of the true atom in whose Voronoi cell they
    lie${
      outside > 0 && fragment`; ${wholeNumber(outside)} of ${wholeNumber(known.length)} lie outside the frame`
    }.`,
    pictures: sizes.map((n, index) => ({
      label: wholeNumber(n),
      svg: picture(plot, domains, n, shown[index]),
    })),
    replicates: shown.map((atoms) =>
      atoms.map(({ n, replicate, atom, cell, values }) => [
        `fitted atom ${atom + 1}${cell === null ? "" : ` in the cell of atom ${cell + 1}`}, n = ${wholeNumber(n)}: ${plot.x} ${shortNumber(values[plot.x])}, ${plot.y} ${shortNumber(values[plot.y])}`,
        n,
        replicate,
      ]),
    ),
    columns: ["n", "replicate", "atom", "cell", plot.x, plot.y],
    rows: known.map(({ n, replicate, atom, cell, values }) => [
      n,
      replicate,
      atom,
      cell,
      values[plot.x],
      values[plot.y],
    ]),
  };
}

type Domain = readonly [number, number];

/** The middle 96 % of the fitted values and the true ones, with a margin. */
function domainOf({ truth }: AtomsPlot, atoms: readonly AtomFacts[], name: string): Domain {
  const fitted = atoms.map(({ values }) => values[name]).sort((a, b) => a - b);
  const rank = (share: number): number[] => fitted.slice(Math.floor(share * (fitted.length - 1))).slice(0, 1);
  const values = [...rank(0.02), ...rank(0.98), ...truth.map((atom) => atom[name]).filter(Number.isFinite)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = 0.08 * (high - low) || 1;
  return [low - margin, high + margin];
}

function picture(
  plot: AtomsPlot,
  domains: { x: Domain; y: Domain },
  n: number,
  atoms: readonly AtomFacts[],
): string {
  const axis = { labelAnchor: "center", labelArrow: "none", ticks: 5 } as const;
  const mark = ({ cell }: AtomFacts): number => cell ?? 0;
  const truth = plot.truth.map((atom, index) => ({
    x: atom[plot.x],
    y: atom[plot.y],
    name: String(index + 1),
  }));
  const drawn = Plot.plot({
    document: pictureDocument(),
    width: pictureWidth,
    height: 330,
    marginTop: 26,
    marginLeft: 52,
    marginRight: 14,
    marginBottom: 40,
    x: { domain: [...domains.x], label: plot.x, ...axis },
    y: { domain: [...domains.y], label: plot.y, ...axis },
    color: { type: "identity" },
    symbol: { type: "identity" },
    marks: [
      ...gridLines(5, 5),
      Plot.dot(truth, { x: "x", y: "y", symbol: "times", stroke: "var(--ink)", strokeWidth: 1.5, r: 10 }),
      Plot.dot(atoms, {
        x: ({ values }: AtomFacts) => values[plot.x],
        y: ({ values }: AtomFacts) => values[plot.y],
        symbol: (atom: AtomFacts) => symbolOf(mark(atom)),
        fill: (atom: AtomFacts) => colourOf(mark(atom)),
        fillOpacity: 0.55,
        r: 3,
        ariaDescription: replicateMarks,
      }),
      Plot.text(truth, {
        x: "x",
        y: "y",
        text: "name",
        dx: 12,
        dy: -10,
        fill: "var(--ink)",
        stroke: "var(--paper)",
        strokeWidth: 4,
        fontWeight: "bold",
        fontSize: 13,
      }),
      cornerText(`n = ${wholeNumber(n)}`, 0, -14),
    ],
  });
  return pictureMarkup(drawn, `${plot.title}, n = ${wholeNumber(n)}: ${plot.y} against ${plot.x}`);
}
