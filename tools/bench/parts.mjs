/** What a run of the benchmarks is asked for. `rounds` overrides every part's own number of repeats; `checkouts` are directories of built older
 *  versions, by name, for the parts that compare versions.
 *  @typedef {{quick: boolean, rounds: number | null, checkouts: Record<string, string>}} Setting
 *  @typedef {(report: ReturnType<typeof import("./report.mjs").createReport>, setting: Setting) => void | Promise<void>} RunPart
 *  @typedef {{name: string, says: string}} PartName */

/** The parts of `npm run bench`, in the order they run and stand in docs/performance.md; each is `parts/NAME.mjs` with an export `run`.
 *  @type {readonly PartName[]} */
export const parts = [
  { name: "kernels", says: "each SIMD kernel against its TypeScript reference" },
  { name: "normal-equations", says: "one J'J and gradient against C and a plain loop" },
  { name: "scipy", says: "fits from given starts against MINPACK" },
  { name: "certified", says: "certified global fits, against older versions" },
  { name: "minpack", says: "certified global fits against MINPACK's best of 12 starts" },
  { name: "cost-curve", says: "a certified fit over n, k and d" },
  { name: "tolerance", says: "what solving on with tighter tolerances changes" },
  { name: "tolerance-regime-2", says: "the same in regime 2 of sigmoid gates" },
  { name: "threads", says: "two threads against two processes" },
  { name: "schedule", says: "idle time at the end of a run, by its order of tasks" },
  { name: "memory", says: "memory of a worker" },
  { name: "append", says: "storing a replicate" },
];
