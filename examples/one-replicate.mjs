// One replicate by hand: draw the data, fit them, look at the certificate and at the losses.
//
//   node examples/one-replicate.mjs [n] [replicate]
//
// The study, its designs and the replicate come from @moe-rates/study; nothing here reads or writes a file.

import process from "node:process";
import { bestKernels, kernelHash } from "@moe-rates/kernels";
import { shippedFamilies as families } from "@moe-rates/mixture";
import {
  designPointsOf,
  designsOf,
  drawReplicate,
  parseStudy,
  runReplicate,
  starterStudy,
} from "@moe-rates/study";

const [n = 1000, replicate = 0] = process.argv.slice(2).map(Number);

const parsed = parseStudy(starterStudy(), { fileName: "starter.yaml", families });
if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
const { study } = parsed;

// The first design has as many atoms as the truth. A design point is a design at a sample size.
const [design] = designsOf(study, { engine: "fused-simd", kernelHash: kernelHash("simd") });
const [designPoint] = designPointsOf([design], [n]);
const request = { study, design, designPoint, replicate };

// The data: x column by column, y, and the sum of squares that the truth leaves.
const { x, y, sseTruth } = drawReplicate(request);
print(`n = ${y.length}, first point x = (${digits(x[0])}, ${digits(x[n])}), y = ${digits(y[0])}`);

// The certified least-squares fit of the same data.
const row = runReplicate(request, { kernels: bestKernels });
print(
  `${row.status}, ${row.certified ? "certified" : "not certified"}: ${row.reachedBest} of ${row.starts} starts reached the best of ${row.optima} basins`,
);
print(`sum of squares ${digits(row.sse)}, of the truth ${digits(sseTruth)}`);
for (const { atom, cell, parameter, value } of row.atoms)
  print(`atom ${atom}, nearest to true atom ${cell}: ${parameter} = ${digits(value)}`);
for (const { loss, component, value } of row.losses) print(`${loss}, ${component}: ${digits(value)}`);

function digits(value) {
  return Number(value.toPrecision(6)).toString();
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
