/** A valid study; tests break one thing of it at a time. */
export const validStudy = `name: softmax-tanh
seed: 20250405
truth:
  gating: softmax
  expert: {family: ffn, activation: tanh, bias: false}
  input: {law: uniform, low: -3, high: 3, dim: 2}
  noise: {sd: 0.1}
  atoms:
    - {beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8]}
    - {beta1: [0, 0],    beta0: 0,   a: [-0.8, 1.6]}
fit:
  atoms: [2, 3]
  box: 10
  starts: {near-truth: {radius: 0.1, count: 2}, random: 6}
design:
  sampleSizes: {from: 1e3, to: 1e6, count: 13}
  replicates: 40
losses: [voronoi-d1, regression-l2]
`;
