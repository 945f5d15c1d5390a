import { stringify } from "yaml";
import type { JudgedRate } from "../inference/judged-rates.ts";
import type { NamedRate } from "../store/read-rates.ts";
import { atomPlanes, atomsFigure, flatAtom } from "./atoms-figure.ts";
import { cellsFigure } from "./cells-figure.ts";
import type { Figure } from "./figure.ts";
import { figureMarkup } from "./figure-markup.ts";
import { percent, slopeNumber } from "./format-number.ts";
import { groupBy } from "./group-by.ts";
import { fragment } from "./html.ts";
import type { Html, HtmlValue } from "./html.ts";
import { lawMarkup } from "./law-text.ts";
import { componentGroups } from "./loss-series-groups.ts";
import { lossFigure } from "./loss-figure.ts";
import type { LossPlot } from "./loss-figure.ts";
import type { PlottedLaw, PlottedSeries } from "./plotted-series.ts";
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

function specification({ k, trueAtoms, gating }: ReportDesign): string {
  return `${howMany(k, trueAtoms)}${isTwoLevel(gating) ? ", counted per group" : ""}`;
}

/** True of gatings with groups: their k and k* count the atoms of one. */
function isTwoLevel(gating: string): boolean {
  return Object.hasOwn(JSON.parse(gating) as object, "groups");
}

function howMany(k: number, trueAtoms: number): string {
  if (k === trueAtoms) return "exactly specified";
  const [difference, direction] = k > trueAtoms ? [k - trueAtoms, "many"] : [trueAtoms - k, "few"];
  return `${difference} ${difference === 1 ? "atom" : "atoms"} too ${direction}`;
}

/** What happens to the total losses, in words. */
function sentence({ judged }: ReportData, { design, k, trueAtoms, gating }: ReportDesign): Html {
  const totals = judged.filter(
    (one) => one.design === design && one.component === "total" && one.slope !== null,
  );
  const share = totals[0]?.certifiedShare ?? null;
  const perGroup = isTwoLevel(gating) && " in every group";
  return fragment`With ${k} fitted atoms for ${trueAtoms} true
  ones${perGroup}${
    totals.length === 0
      ? " there is no slope yet."
      : totals.map((one, index) => [
          index === 0 ? ", the median " : "; ",
          one.loss,
          fragment` changes like n<sup>${slopeNumber(one.slope)}</sup>`,
          one.ci !== null && ` (95 % interval ${slopeNumber(one.ci[0])} to ${slopeNumber(one.ci[1])})`,
          verdictWords(one),
        ])
  }${totals.length > 0 && "."}
  ${share !== null && fragment`${percent(share)} of its fits are certified.`}${
    totals.some(({ local }) => local) &&
    " The fits are local: optima near the starts they were given, not the least-squares estimator."
  }`;
}

/** What the slope says about the audited statement, or about the published one where there is no other. */
function verdictWords({ published, audited }: JudgedRate): HtmlValue {
  const law = audited ?? published;
  if (law === null || law.kind === "none") return null;
  const words = {
    consistent: ", consistent with ",
    inconsistent: ", inconsistent with ",
    inconclusive: ", which does not decide on ",
    refused: ", which cannot answer ",
  }[law.verdict];
  return [words, law.kind === "not-identified" ? `“${law.statement}”` : lawMarkup(law.statement)];
}

function lossFigures(data: ReportData, { design }: ReportDesign, id: string): Figure[] {
  const own = data.points.filter((point) => point.design === design && point.median > 0);
  return [...groupBy(own, ({ loss }) => loss)].flatMap(([loss, ofLoss], lossIndex) => {
    const byComponent = groupBy(ofLoss, ({ component }) => component);
    return componentGroups([...byComponent.keys()]).map((group) => {
      const series = group.components.map((name) => seriesOf(data, byComponent.get(name)!));
      return lossFigure({
        id: `${id}-loss${lossIndex + 1}-${group.id}`,
        design,
        title: `${loss}: ${group.title}`,
        series,
        burnIn: longestBurnIn(data, design, loss, group.components),
        shownReplicates: data.shownReplicates.losses,
      });
    });
  });
}

/** A component with its slope, from the verdicts where they have it, and the laws that theory gives for it. */
function seriesOf({ rates, judged }: ReportData, points: readonly LossPointFacts[]): PlottedSeries {
  const [{ design, loss, component }] = points;
  const isOwn = (one: NamedRate): boolean =>
    one.design === design &&
    one.loss === loss &&
    one.component === component &&
    one.statistic === "median" &&
    one.fits === "all";
  const known = judged.find(isOwn);
  const rate = known ?? rates.find(isOwn);
  const slope =
    rate === undefined || rate.slope === null || rate.intercept === null
      ? null
      : { slope: rate.slope, intercept: rate.intercept, standardError: rate.standardError };
  return { name: component, points, slope, laws: lawsOf(known) };
}

/** The laws with an exponent. A minimax statement is drawn nowhere: it is not about this truth. */
function lawsOf(rate: JudgedRate | undefined): PlottedLaw[] {
  return (["published", "audited"] as const).flatMap((kind) => {
    const law = rate?.[kind];
    if (law === undefined || law === null || law.exponent === null || law.scope === "minimax") return [];
    const { exponent, logExponent, statement } = law;
    return [{ kind, label: `${kind}: ${statement}`, exponent, logExponent }];
  });
}

/** The longest burn-in among the components of a figure. */
function longestBurnIn(
  { judged }: ReportData,
  design: string,
  loss: string,
  components: readonly string[],
): LossPlot["burnIn"] {
  const own = judged
    .filter((one) => one.design === design && one.loss === loss && components.includes(one.component))
    .flatMap(({ component, burnIn }) =>
      burnIn === null || burnIn.dropped === 0 ? [] : [{ component, endsAt: burnIn.fromN ?? Infinity }],
    );
  return own.reduce<LossPlot["burnIn"]>(
    (longest, one) => (longest === null || one.endsAt > longest.endsAt ? one : longest),
    null,
  );
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
