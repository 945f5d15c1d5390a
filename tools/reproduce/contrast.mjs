const NOT_IDENTIFIED = /^(theorem-2-|theorem-3-)/u;

/** What the linear, the scaled and the linear-router studies show of components that a witness leaves free beside identified ones.
 *  @param {readonly import("./claims.mjs").Claim[]} claims @returns {string[]} lines of Markdown */
export function flatSection(claims) {
  const rows = claims.filter(
    ({ study, loss, component, audited, local }) =>
      NOT_IDENTIFIED.test(study) && !local && audited && (loss === "regression-l2" || shown(loss, component)),
  );
  if (rows.length === 0) return [];
  return [
    "## Free components beside identified ones",
    "",
    "Global fits with linear experts, with an output scale, and with a linear router. *Free*: another measure with the same regression function differs in it",
    "([audit](audit.md)), so that it does not converge, at any sample size; the others go with n^-1/2. A free component need not be wrong in every replicate: its median may fall while the fits that stay away",
    "from the truth show in a high quantile. The last column says which of 0 and -1/2 the 95 % interval of the median holds; of a free component whose median does not hold 0, that of the 90 % quantile.",
    "",
    "| study | k | component | expected | slope of the median [95 %] | of the 90 % quantile | replicates | holds |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map(({ study, k, quantity, audited, slope, ci, upper, replicates }) => {
      const free = audited?.kind === "not-identified";
      return line([
        study,
        k,
        quantity,
        free ? "free" : audited?.statement,
        interval(slope, ci),
        upper ? interval(upper.slope, upper.ci) : "",
        replicates,
        held(free && !holds(ci, 0) ? (upper?.ci ?? null) : ci),
      ]);
    }),
    "",
  ];
}

/** Errors in over-specified cells under every start policy of a study.
 *  @param {readonly import("./claims.mjs").Claim[]} claims @returns {string[]} lines of Markdown */
export function startsSection(claims) {
  const rows = claims.filter(
    ({ loss, component }) => loss === "components" && /^over-(gate|expert)-(rms|mean)$/u.test(component),
  );
  const cells = [...new Set(rows.map(({ study, k, component }) => `${study}|${k}|${component}`))];
  const fits = [...new Set(rows.map(({ fit }) => fit))].toSorted();
  if (rows.length === 0) return [];
  return [
    "## Over-specified cells by start policy",
    "",
    "Slopes of root mean square errors and of weighted means in cells with more than one atom, under each start policy. Only `mixed` is the global least-squares fit;",
    "the number behind `near-truth` is the radius of the starts, the same at every n.",
    "",
    line(["study", "k", "component", "audited", ...fits]),
    line(Array.from({ length: 4 + fits.length }, () => "---")),
    ...cells.map((cell) => {
      const own = rows.filter(({ study, k, component }) => `${study}|${k}|${component}` === cell);
      const [{ study, k, component, audited }] = own;
      const slopes = fits
        .map((fit) => own.find((row) => row.fit === fit))
        .map((row) => (row ? interval(row.slope, row.ci) : ""));
      return line([
        study,
        k,
        component,
        audited?.kind === "not-identified" ? "free" : (audited?.statement ?? ""),
        ...slopes,
      ]);
    }),
    "",
  ];
}

/** @param {string} loss @param {string} component */
function shown(loss, component) {
  return loss === "components" && !component.endsWith("mass-error");
}

/** @param {[number, number] | null} ci */
function held(ci) {
  if (ci === null) return "";
  const inside = [0, -0.5].filter((value) => holds(ci, value));
  return inside.length === 0 ? "neither" : inside.map((value) => (value === 0 ? "0" : "-1/2")).join(", ");
}

/** @param {[number, number] | null} ci @param {number} value */
function holds(ci, value) {
  return ci !== null && ci[0] <= value && value <= ci[1];
}

/** A slope with its interval. @param {number} slope @param {[number, number] | null} ci */
export function interval(slope, ci) {
  return ci ? `${slope.toFixed(3)} [${ci.map((end) => end.toFixed(3)).join(", ")}]` : slope.toFixed(3);
}

/** A row of a Markdown table. @param {readonly unknown[]} cells */
export function line(cells) {
  return ["", ...cells, ""].join(" | ").trim();
}
