/** Major versions that are tested, each with the first minor version that has what we use. */
const firstMinor = { 20: 19, 22: 12, 24: 0 };

/** Says why a Node version cannot run the project, or null when it can.
 *  @param {string} version as in `process.versions.node`
 *  @returns {string | null} */
export function nodeProblem(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const required = /** @type {Record<string, number>} */ (firstMinor)[String(major)];
  if (required !== undefined && minor >= required) return null;
  return `Node ${version} is not supported; use 20.19 or later of 20, 22.12 or later of 22, or 24`;
}
