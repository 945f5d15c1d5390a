// The rate of an estimator of your own, with packages of this repository alone: how fast the largest of n uniform numbers reaches 1.
//
//   node examples/rates-of-your-rows.mjs

import process from "node:process";
import { stream } from "@moe-rates/math";
import { formatRateTable, rateTable } from "@moe-rates/rates";

const rows = [];
for (const n of [100, 200, 400, 800, 1600, 3200, 6400]) {
  for (let replicate = 0; replicate < 200; replicate++) {
    const random = stream("largest of n", replicate); // the sample of size n is the first n draws
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, random.uniform());
    rows.push({
      design: "largest",
      k: 1,
      n,
      replicate,
      certified: true,
      loss: "distance",
      component: "total",
      value: 1 - largest,
    });
  }
}
const rates = rateTable(rows).filter(({ fits }) => fits === "all");
process.stdout.write(`${formatRateTable(rates)}\n`);
