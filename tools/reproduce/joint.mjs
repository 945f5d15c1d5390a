/** Probability with which all intervals of the joint claims hold their slopes at once. */
export const JOINT_LEVEL = 0.99;
/** Largest distance from -1/2 that the claims allow an estimate. */
export const TOLERANCE = 0.07;
const STUDIES = /^(theorem-[145]-|sigmoid-1-gelu|sigmoid-2-)/u;
const QUANTITIES =
  /^(voronoi-d[145]|sigmoid-d[13]|regression-l2|components exact-gate-error|components exact-expert-error)$/u;

/** Whether the joint claims are about exactly specified fits of this study. Sigmoid gates of the first regime are represented by GELU experts: sizes of ReLU and linear ones
 *  trade with the mass of a gate without slope (N6). @param {string} study */
export const claimed = (study) => STUDIES.test(study);

/** Exactly specified slopes of Theorems 1, 4, 5 and of both sigmoid regimes for which the audit expects n^-1/2: the theorem's loss, the errors of gates and
 *  experts, the regression function. Global fits only.
 *  @template {import("./claims.mjs").Claim} C @param {readonly C[]} claims @returns {C[]} */
export function jointClaims(claims) {
  return claims.filter((claim) => {
    const exact = claims.filter(({ study }) => study === claim.study).every(({ k }) => claim.k <= k);
    return (
      claimed(claim.study) &&
      QUANTITIES.test(claim.quantity) &&
      exact &&
      !claim.local &&
      claim.audited?.exponent === -0.5
    );
  });
}

/** Level of each of so many intervals that makes all of them hold jointly (Bonferroni). @param {number} count */
export function bonferroniLevel(count) {
  return 1 - (1 - JOINT_LEVEL) / Math.max(1, count);
}

/** The table of joint claims, with what holds of all of them.
 *  @param {readonly {claim: import("./claims.mjs").Claim, ci: readonly [number, number] | null, fewest: number}[]} rows intervals at the joint level
 *  @returns {string[]} lines of Markdown */
export function jointSection(rows) {
  if (rows.length === 0) return [];
  const judged = rows.map(({ claim, ci, fewest }) => ({
    fewest,
    claim,
    ci,
    contains: ci !== null && ci[0] <= -0.5 && -0.5 <= ci[1],
    near: Math.abs(claim.slope + 0.5) <= TOLERANCE,
  }));
  return [
    "## Exactly specified slopes, jointly",
    "",
    `The ${rows.length} slopes of k = k\\* that the audit expects at -1/2 in the studies of Theorems 1, 4, 5 and of the sigmoid regimes: the theorem's loss, errors of`,
    "gates and experts, regression function. Left out is what a witness leaves free: the gates of a tanh router (N10), ReLU and linear experts behind a sigmoid",
    `gate without slope (N6). The intervals hold jointly with probability ${JOINT_LEVEL} (Bonferroni: each at ${(100 * bonferroniLevel(rows.length)).toFixed(3)} %); seeds and`,
    "the number of 120 replicates were fixed before the run; where sizes have fewer, time ran out.",
    "",
    `Intervals that contain -1/2: ${judged.filter(({ contains }) => contains).length} of ${rows.length}${exceptions(judged.filter(({ contains }) => !contains))}.`,
    `Estimates within ${TOLERANCE} of -1/2: ${judged.filter(({ near }) => near).length} of ${rows.length}${exceptions(judged.filter(({ near }) => !near))}.`,
    "",
    "| study | quantity | replicates | certified | slope | jointly 99 % | contains -1/2 | within 0.07 |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...judged.map(({ claim, ci, fewest, contains, near }) =>
      [
        "",
        claim.study,
        claim.quantity,
        fewest < claim.replicates ? `${fewest} to ${claim.replicates}` : claim.replicates,
        `${Math.round(100 * claim.certifiedShare)} %`,
        claim.slope.toFixed(3),
        ci ? `[${ci.map((end) => end.toFixed(3)).join(", ")}]` : "",
        contains ? "yes" : "no",
        near ? "yes" : "no",
        "",
      ]
        .join(" | ")
        .trim(),
    ),
    "",
  ];
}

/** @param {readonly {claim: import("./claims.mjs").Claim}[]} rows */
function exceptions(rows) {
  if (rows.length === 0) return "";
  return `, not ${rows.map(({ claim }) => `${claim.quantity} of \`${claim.study}\``).join(", ")}`;
}
