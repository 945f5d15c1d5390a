import type { Jet } from "./jet.ts";

/** A test problem of More, Garbow and Hillstrom (1981), ACM TOMS 7, 17-41, with its number there. */
export interface ClassicProblem {
  readonly name: string;
  residuals(x: Jet[]): Jet[];
  readonly start: readonly number[];
  readonly solution: readonly number[];
  readonly sse: number;
  /** How close to the solution a solver comes: singular problems are flat there. */
  readonly closeness?: number;
  /** The Jacobian loses rank at the solution. */
  readonly singular?: boolean;
}

const bardData = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39];
const osborneInputs = [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
const osborneData = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];

export const rosenbrock: ClassicProblem = {
  name: "Rosenbrock (1)",
  residuals: ([x, y]) => [y.minus(x.square()).times(10), x.times(-1).plus(1)],
  start: [-1.2, 1],
  solution: [1, 1],
  sse: 0,
};

export const classicProblems: readonly ClassicProblem[] = [
  rosenbrock,
  {
    name: "Brown badly scaled (4)",
    residuals: ([x, y]) => [x.minus(1e6), y.minus(2e-6), x.times(y).minus(2)],
    start: [1, 1],
    solution: [1e6, 2e-6],
    sse: 0,
  },
  {
    name: "Beale (5)",
    residuals: ([x, y]) =>
      [1.5, 2.25, 2.625].map((target, i) => {
        const power = i === 0 ? y : i === 1 ? y.square() : y.square().times(y);
        return x.times(power.times(-1).plus(1)).times(-1).plus(target);
      }),
    start: [1, 1],
    solution: [3, 0.5],
    sse: 0,
  },
  {
    name: "Jennrich and Sampson (6)",
    residuals: ([x, y]) =>
      Array.from({ length: 10 }, (_, i) =>
        x
          .times(i + 1)
          .exp()
          .plus(y.times(i + 1).exp())
          .times(-1)
          .plus(2 + 2 * (i + 1)),
      ),
    start: [0.3, 0.4],
    solution: [0.2578252136, 0.2578252136],
    sse: 124.36218235561,
    closeness: 1e-6,
  },
  {
    name: "Bard (8)",
    residuals: ([x, y, z]) =>
      bardData.map((value, i) => {
        const u = i + 1;
        const v = 15 - i;
        return x
          .plus(
            y
              .times(v)
              .plus(z.times(Math.min(u, v)))
              .reciprocal()
              .times(u),
          )
          .times(-1)
          .plus(value);
      }),
    start: [1, 1, 1],
    solution: [0.0824105597, 1.1330360919, 2.3436951779],
    sse: 8.21487730657896e-3,
    closeness: 1e-6,
  },
  {
    name: "Powell singular (13)",
    residuals: ([a, b, c, d]) => [
      a.plus(b.times(10)),
      c.minus(d).times(Math.sqrt(5)),
      b.minus(c.times(2)).square(),
      a.minus(d).square().times(Math.sqrt(10)),
    ],
    start: [3, -1, 0, 1],
    solution: [0, 0, 0, 0],
    sse: 0,
    closeness: 2e-3,
    singular: true,
  },
  {
    name: "Wood (14)",
    residuals: ([a, b, c, d]) => [
      b.minus(a.square()).times(10),
      a.times(-1).plus(1),
      d.minus(c.square()).times(Math.sqrt(90)),
      c.times(-1).plus(1),
      b.plus(d).minus(2).times(Math.sqrt(10)),
      b.minus(d).times(1 / Math.sqrt(10)),
    ],
    start: [-3, -1, -3, -1],
    solution: [1, 1, 1, 1],
    sse: 0,
  },
  {
    name: "Kowalik and Osborne (15)",
    residuals: ([a, b, c, d]) =>
      osborneData.map((value, i) => {
        const u = osborneInputs[i];
        return a
          .times(b.times(u).plus(u * u))
          .over(
            c
              .times(u)
              .plus(u * u)
              .plus(d),
          )
          .times(-1)
          .plus(value);
      }),
    start: [0.25, 0.39, 0.415, 0.39],
    solution: [0.1928069346, 0.1912823287, 0.1230565069, 0.1360623307],
    sse: 3.07505603849238e-4,
    closeness: 1e-5,
  },
];
