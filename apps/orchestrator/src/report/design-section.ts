import { stringify } from "yaml";
import { atomPlanes, atomsFigure, flatAtom } from "./atoms-figure.ts";
import { cellsFigure } from "./cells-figure.ts";
import type { Figure } from "./figure.ts";
import { figureMarkup } from "./figure-markup.ts";
import { percent, slopeNumber } from "./format-number.ts";
import { groupBy } from "./group-by.ts";
import { fragment } from "./html.ts";
import type { Html } from "./html.ts";
import { componentGroups } from "./loss-series-groups.ts";
import { lossFigure } from "./loss-figure.ts";
import type { PlottedSeries } from "./loss-figure.ts";
import type { LossPointFacts, ReportData, ReportDesign } from "./report-data.ts";

/** Everything about one design: a sentence with its numbers, and its figures. */
export interface DesignSection {
  readonly markup: Html;
  readonly figures: readonly Figure[];
}

/** Name of a design as the page uses it. */
export function designName({ fit, k }: ReportDesign): string {
  return `${fit}, k = ${k}`;
}

/** The section of a design. `index` makes its ids unique. */
export function designSection(data: ReportData, design: ReportDesign, index: number): DesignSection {
  const id = `d${index + 1}`;
  const figures = [
    ...lossFigures(data, design, id),
    ...cellsFigures(data, design, id),
    ...atomsFigures(data, design, id),
  ];
  return {
    figures,
    markup: fragment`<section aria-labelledby="${id}">
      <h2 id="${id}">${designName(design)}: ${specification(design)}</h2>
      <p>${sentence(data, design)}</p>
      <p class="soft">
        gating <code>${familyText(design.gating)}</code>, expert <code>${familyText(design.expert)}</code>,
        design
        <code>${design.design}</code>
      </p>
      <div class="figures">${figures.map(figureMarkup)}</div>
    </section>`,
  };
}

/** A family of the file, canonical JSON, as a study writes it. */
function familyText(json: string): string {
  return stringify(JSON.parse(json), { collectionStyle: "flow", lineWidth: 0 }).trim();
}

function specification({ k, trueAtoms }: ReportDesign): string {
  if (k === trueAtoms) return "exactly specified";
  const [difference, direction] = k > trueAtoms ? [k - trueAtoms, "many"] : [trueAtoms - k, "few"];
  return `${difference} ${difference === 1 ? "atom" : "atoms"} too ${direction}`;
}

/** What happens to the total losses, in words. */
function sentence({ rates }: ReportData, { design, k, trueAtoms }: ReportDesign): Html {
  const totals = rates.filter(
    (one) =>
      one.design === design &&
      one.component === "total" &&
      one.statistic === "median" &&
      one.fits === "all" &&
      one.slope !== null,
  );
  const share = totals[0]?.certifiedShare ?? null;
  return fragment`With ${k} fitted atoms for ${trueAtoms} true
  ones${
    totals.length === 0
      ? " there is no slope yet."
      : totals.map(({ loss, slope, ci }, index) => [
          index === 0 ? ", the median " : ", and ",
          loss,
          ` changes like n to the ${slopeNumber(slope)}`,
          ci !== null && ` (95 % interval ${slopeNumber(ci[0])} to ${slopeNumber(ci[1])})`,
        ])
  }${totals.length > 0 && "."}
  ${share !== null && fragment`${percent(share)} of its fits are certified.`}${
    totals.some(({ local }) => local) &&
    " The fits are local: optima near the starts they were given, not the least-squares estimator."
  }`;
}

function lossFigures(
  { points, rates, shownReplicates }: ReportData,
  { design }: ReportDesign,
  id: string,
): Figure[] {
  const own = points.filter((point) => point.design === design && point.median > 0);
  return [...groupBy(own, ({ loss }) => loss)].flatMap(([loss, ofLoss], lossIndex) => {
    const byComponent = groupBy(ofLoss, ({ component }) => component);
    return componentGroups([...byComponent.keys()]).map((group) =>
      lossFigure({
        id: `${id}-loss${lossIndex + 1}-${group.id}`,
        design,
        title: `${loss}: ${group.title}`,
        series: group.components.map((name) => seriesOf(rates, design, loss, name, byComponent.get(name)!)),
        burnIn: null,
        shownReplicates: shownReplicates.losses,
      }),
    );
  });
}

function seriesOf(
  rates: ReportData["rates"],
  design: string,
  loss: string,
  name: string,
  points: readonly LossPointFacts[],
): PlottedSeries {
  const rate = rates.find(
    (one) =>
      one.design === design &&
      one.loss === loss &&
      one.component === name &&
      one.statistic === "median" &&
      one.fits === "all",
  );
  const slope =
    rate === undefined || rate.slope === null || rate.intercept === null
      ? null
      : { slope: rate.slope, intercept: rate.intercept, standardError: rate.standardError };
  return { name, points, slope, laws: [] };
}

function cellsFigures({ cells }: ReportData, design: ReportDesign, id: string): Figure[] {
  const own = cells.filter((one) => one.design === design.design);
  return own.length === 0 || design.trueAtoms < 2 ? [] : [cellsFigure(`${id}-cells`, design, own)];
}

function atomsFigures(
  { atoms, study, shownReplicates }: ReportData,
  { design }: ReportDesign,
  id: string,
): Figure[] {
  const own = atoms.filter((atom) => atom.design === design);
  const truth = own.some(({ cell }) => cell !== null) ? (study?.truth.atoms ?? []).map(flatAtom) : [];
  return atomPlanes(own).map(({ part, x, y, of }) =>
    atomsFigure({
      id: `${id}-${part}s`,
      design,
      title: `Where the ${part}s went${of > 2 ? ` (${x} and ${y} of ${of} parameters)` : ""}`,
      x,
      y,
      atoms: own,
      truth,
      shownReplicates: shownReplicates.atoms,
    }),
  );
}
