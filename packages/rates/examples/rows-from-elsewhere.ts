import { formatRateTable, rateTable, type LossRow } from "@moe-rates/rates";

// Absolute error of some estimator: four sample sizes, five replicates each, measured by any program.
const errors: Record<number, number[]> = {
  100: [0.183, 0.072, 0.114, 0.051, 0.142],
  400: [0.081, 0.044, 0.063, 0.02, 0.06],
  1600: [0.047, 0.013, 0.027, 0.018, 0.034],
  6400: [0.02, 0.011, 0.015, 0.006, 0.019],
};

const rows: LossRow[] = Object.entries(errors).flatMap(([n, values]) =>
  values.map((value, replicate) => ({
    design: "my-estimator",
    k: 1,
    n: Number(n),
    replicate,
    certified: true,
    loss: "absolute-error",
    component: "total",
    value,
  })),
);

export const table = formatRateTable(rateTable(rows).filter(({ fits }) => fits === "all"));
