import { NeumaierSum, stream, studentTQuantile } from "@moe-rates/math";

// One stream per key. Replicate 3 draws these numbers whatever the other replicates do.
const random = stream("study", 20250405, "replicate", 3, "noise");

// The mean of exp(Z), Z ~ N(0, 1), from 2,000 antithetic pairs, with a 95 % interval.
const pairs = 2000;
const sum = new NeumaierSum();
const squares = new NeumaierSum();
for (let i = 0; i < pairs; i++) {
  const z = random.normal();
  const value = (Math.exp(z) + Math.exp(-z)) / 2;
  sum.add(value);
  squares.add(value * value);
}
const mean = sum.value / pairs;
const standardError = Math.sqrt((squares.value / pairs - mean * mean) / (pairs - 1));
const halfWidth = studentTQuantile(0.975, pairs - 1) * standardError;

export const interval = [mean - halfWidth, mean + halfWidth];
