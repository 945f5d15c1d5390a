/**
 * A commented study to start from: the primary softmax design, exactly and over-specified by one atom, small enough for a first look.
 * `name` must match `[a-z0-9][a-z0-9._-]*`; `schema` is the path or address of the exported JSON Schema, for completion in editors.
 */
export function starterStudy(options: { name?: string; schema?: string } = {}): string {
  const { name = "my-study", schema } = options;
  const header = schema === undefined ? "" : `# yaml-language-server: $schema=${schema}\n`;
  return `${header}# A study asks how fast a fitted mixture of experts approaches the true one as the sample grows.
name: ${name}
seed: 1                       # all random numbers follow from it

# Where the data come from: y = f(x) + noise, f(x) = sum_j p_j(x) h(x, eta_j).
truth:
  gating: softmax             # p_j(x) proportional to exp(beta1_j . x + beta0_j)
  expert: {family: ffn, activation: tanh, bias: false}   # h(x) = tanh(a . x)
  input: {law: uniform, low: -3, high: 3, dim: 2}        # also: normal, sphere, or covariates from a file
  noise: {sd: 0.1}
  atoms:                      # one line per true expert, named as in the theory
    - {beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8]}
    - {beta1: [0, 0], beta0: 0, a: [-0.8, 1.6]}

# What is fitted to them, by least squares over the box.
fit:
  atoms: [2, 3]               # one design each: exactly specified, and one expert too many
  # gating and expert are the truth's unless given here
  box: 10                     # |a| and the differences of gates to their mean stay within it
  starts: mixed               # or for example {near-truth: {radius: 0.4, count: 2}, random: 12, add: 40}

design:
  sampleSizes: {from: 500, to: 8000, count: 5}           # log-spaced; or a list [500, 1000, ...]
  replicates: 20              # data sets per sample size; or {target: {slopeHalfWidth: 0.05}, max: 400}: as many as that takes

losses: [voronoi-d1, regression-l2]
`;
}
