import { alignedTable } from "../command-line/print-result.ts";
import type { JudgedRate } from "./judged-rates.ts";
import type { NamedComparison } from "./read-comparisons.ts";

/** Reasons of the verdicts shown in a table, each once with the rows it is about. */
export function verdictReasons(rates: readonly JudgedRate[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const rate of rates) {
    for (const kind of ["published", "audited"] as const) {
      const law = rate[kind];
      if (law === null) continue;
      const text = `${law.verdict}: ${law.reason}`;
      const about = reasons.get(text) ?? [];
      reasons.set(text, [...about, `${rowName(rate)} (${kind})`]);
    }
  }
  return [...reasons].map(([text, about]) => `${about.slice(0, 2).join(", ")}${more(about.length)}: ${text}`);
}

function more(count: number): string {
  return count > 2 ? ` and ${count - 2} more` : "";
}

function rowName({ fit, k, loss, component }: JudgedRate): string {
  return `${fit} k = ${k} ${loss} ${component}`;
}

/** What the columns of the shape table mean. */
const shapeWords = [
  "curvature p: p value of the term (log n)^2; power law from n: first size from which on it is not significant at 5 %",
  "law, weight: the law with the lowest AIC and its Akaike weight; chosen: share of bootstrap samples in which it wins",
  "detectable: difference of slopes that a test at 5 % finds with probability 0.8; all - certified: what uncertified fits add to the slope",
].join("\n");

/** How the points behind each slope behave: curvature, burn-in, choice of laws, detectable difference; below, what the columns mean. */
export function shapeTable(rates: readonly JudgedRate[]): string {
  const head = [
    "fit",
    "k",
    "loss",
    "component",
    "curvature p",
    "power law from n",
    "law",
    "weight",
    "chosen",
    "detectable",
    "bootstrap se",
    "all - certified",
  ];
  const table = alignedTable(
    head,
    rates.map((rate) => {
      const best = rate.decay?.fits[0];
      return [
        rate.fit,
        rate.k,
        rate.loss,
        rate.component,
        rate.curvature.pValue === null ? "-" : rate.curvature.pValue.toPrecision(2),
        rate.burnIn === null ? "-" : (rate.burnIn.fromN ?? "none"),
        best === undefined ? "-" : `${best.law}${rate.decay?.decided === null ? " (undecided)" : ""}`,
        best === undefined ? "-" : best.weight.toFixed(2),
        best === undefined
          ? "-"
          : `${(100 * best.chosen.share).toFixed(0)} ± ${(100 * best.chosen.standardError).toFixed(0)} %`,
        rate.detectable === null ? "-" : rate.detectable.toFixed(3),
        rate.bootstrapError === null ? "-" : rate.bootstrapError.toFixed(3),
        splitCell(rate),
      ];
    }),
  );
  return `${table}\n${shapeWords}`;
}

/** Slope over all fits minus slope over certified ones, with its interval. */
function splitCell({ split }: JudgedRate): string {
  const { value, ci } = split?.slopeChange ?? { value: null, ci: null };
  return value === null ? "-" : `${value.toFixed(3)} ${interval(ci, 3)}`;
}

/** Observations until the statistic of each loss is epsilon. */
export function neededTable(rates: readonly JudgedRate[]): string {
  const count = (n: number | null | undefined): string =>
    n === null || n === undefined ? "no bound" : n.toLocaleString("en-US");
  return alignedTable(
    ["fit", "k", "loss", "component", "statistic", "epsilon", "n", "interval", "note"],
    rates.map(({ fit, k, loss, component, statistic, needed }) => [
      fit,
      k,
      loss,
      component,
      statistic,
      needed?.epsilon ?? null,
      needed === undefined || needed.n === null ? "never" : count(needed.n),
      needed?.ci ? `[${count(needed.ci[0])}, ${count(needed.ci[1])}]` : "-",
      needed === undefined || needed.n === null
        ? "the loss does not fall"
        : needed.extrapolated
          ? "extrapolated"
          : "",
    ]),
  );
}

/** Paired comparisons: slopes, losses at the largest common size, and observations for the same error. */
export function comparisonTable(comparisons: readonly NamedComparison[]): string {
  const signed = (value: number | null): string =>
    value === null ? "-" : `${value < 0 ? "" : "+"}${value.toFixed(3)}`;
  return alignedTable(
    [
      "a",
      "b",
      "loss",
      "component",
      "slope b - a",
      "95 % interval",
      "loss b / a at n",
      "95 % interval",
      "n b / n a for the same error",
      "95 % interval",
    ],
    comparisons.map((one) => {
      const last = one.points.at(-1);
      const ratio = last?.meanLogRatio;
      const size = one.sampleSizeRatio;
      return [
        `${one.fitA}, k = ${one.kA}`,
        `${one.fitB}, k = ${one.kB}`,
        one.loss,
        one.component,
        signed(one.slopeDifference.value),
        interval(one.slopeDifference.ci, 3),
        ratio?.value === null || ratio === undefined
          ? "-"
          : `${Math.exp(ratio.value).toPrecision(3)} at ${last?.n}`,
        interval(ratio?.ci?.map(Math.exp), 3),
        size === null ? "-" : `${size.ratio.toPrecision(3)}${size.extrapolated ? " (extrapolated)" : ""}`,
        interval(size?.ci, 2),
      ];
    }),
  );
}

function interval(ci: readonly number[] | null | undefined, digits: number): string {
  return ci
    ? `[${ci.map((end) => (Math.abs(end) >= 100 ? end.toPrecision(3) : end.toFixed(digits))).join(", ")}]`
    : "-";
}
