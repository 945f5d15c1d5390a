// A study after the simulation of arXiv 2405.13997, appendix C, regime 1: sigmoid gates without slope, one expert too many.
//
//   node examples/published-design.mjs linear 2 2 > linear.yaml
//   node examples/published-design.mjs ffn:relu 4 3 > relu.yaml
//
// Arguments: the expert, the dimension d of x and the number of true experts. The paper has d = 32 and 8. Its law of the true parameters, with a stream
// of our own: gate biases N(0, 0.01 / d), expert slopes and biases N(0, 1 / d); x is uniform on [-1, 1]^d, the noise variance 0.01.

import process from "node:process";
import { stream } from "@moe-rates/math";

const [expert = "linear", d = 2, trueAtoms = 2] = process.argv
  .slice(2)
  .map((word, index) => (index === 0 ? word : Number(word)));
const [family, activation] = expert.split(":");
const random = stream("2405.13997 appendix C", expert, d, trueAtoms);
const normal = (variance) => Number((Math.sqrt(variance) * random.normal()).toFixed(4));

const atoms = Array.from({ length: trueAtoms }, () => ({
  beta1: Array.from({ length: d }, () => 0),
  beta0: normal(0.01 / d),
  a: Array.from({ length: d }, () => normal(1 / d)),
  b: normal(1 / d),
}));

process.stdout.write(`name: published-${activation ?? family}
seed: 2405
truth:
  gating: sigmoid
  expert: {family: ${activation === undefined ? family : `${family}, activation: ${activation}`}}
  input: {law: uniform, low: -1, high: 1, dim: ${d}}
  noise: {sd: 0.1}
  atoms:
${atoms.map(({ beta1, beta0, a, b }) => `    - {beta1: [${beta1.join(", ")}], beta0: ${beta0}, a: [${a.join(", ")}], b: ${b}}`).join("\n")}
fit:
  - {name: near-truth, atoms: ${trueAtoms + 1}, box: 10, starts: {near-truth: {radius: 0.1, count: 2}}}
  - {name: global, atoms: ${trueAtoms + 1}, box: 10}
design:
  sampleSizes: {from: 1e3, to: 3e4, count: 7}
  replicates: 20
losses: [voronoi-d1, regression-l2]
`);
