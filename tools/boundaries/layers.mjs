/** The packages in the order data flows through them. A package may import from earlier rows, never from its own.
 *  @type {string[][]} */
export const layers = [
  ["math"],
  ["kernels"],
  ["gating", "experts"],
  ["mixture"],
  ["losses", "estimators"],
  ["theory", "engine-tfjs"],
  ["rates", "study"],
  ["orchestrator"],
];

/** Packages that may import less than their row allows: rates takes rows and knows no model.
 *  @type {Record<string, string[]>} */
const only = { rates: ["math"] };

/** The folder names of all packages that the package in folder `name` may import.
 *  @param {string} name @returns {string[] | null} null for a package that has no place in the order yet */
export function importableFrom(name) {
  const row = layers.findIndex((names) => names.includes(name));
  if (row < 0) return null;
  return only[name] ?? layers.slice(0, row).flat();
}
