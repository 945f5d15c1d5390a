/** Small real studies for the reliability commands. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes a study of softmax gates and linear experts whose fits take a few milliseconds each.
 * @param {string} folder
 * @param {{ name?: string, expert?: string, sizes?: readonly number[], replicates?: number, atoms?: readonly number[], starts?: string, seed?: number, losses?: readonly string[] }} [change]
 * @returns {string} its file
 */
export function writeSmallStudy(folder, change = {}) {
  const {
    name = "small",
    expert = "linear",
    sizes = [60, 120],
    replicates = 40,
    atoms = [1, 2],
    starts = "{random: 2}",
    seed = 7,
    losses = ["voronoi-d1", "regression-l2"],
  } = change;
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `name: ${name}
seed: ${seed}
truth:
  gating: softmax
  expert: ${expert}
  input: {law: uniform, low: -2, high: 2, dim: 1}
  noise: {sd: 0.1}
  atoms:
    - {beta1: [2], beta0: 0.3, a: [1], b: 0.5}
    - {beta1: [0], beta0: 0, a: [-1], b: 0}
fit:
  atoms: [${atoms.join(", ")}]
  starts: ${starts}
design:
  sampleSizes: [${sizes.join(", ")}]
  replicates: ${replicates}
losses: [${losses.join(", ")}]
`,
  );
  return file;
}
