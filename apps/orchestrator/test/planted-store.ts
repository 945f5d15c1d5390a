import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stream } from "@moe-rates/math";
import { engines } from "../src/engines.ts";
import { loadStudy } from "../src/load-study.ts";
import { provenance } from "../src/provenance.ts";
import { failedRow } from "../src/pool/failed-row.ts";
import { openForWriting } from "../src/store/store-file.ts";
import { enterRun, leaveRun } from "../src/store/stored-study.ts";
import { writeRows } from "../src/store/write-rows.ts";

/** A loss as planted: of a fit by name and k, a loss and component, from n and the replicate's standard normal draw. */
export type Planted = (at: {
  fit: string;
  k: number;
  loss: string;
  component: string;
  n: number;
  z: number;
}) => number | null;

/** Writes a study's database whose losses are planted instead of fitted: `losses` maps stored loss names to their components. */
export async function plantedStore(
  folder: string,
  name: string,
  studyText: string,
  losses: Readonly<Record<string, readonly string[]>>,
  planted: Planted,
  options: { local?: (fit: string) => boolean; certified?: (replicate: number) => boolean } = {},
): Promise<string> {
  const { local = () => false, certified = () => true } = options;
  const study = join(folder, `${name}.yaml`);
  writeFileSync(study, studyText);
  const loaded = await loadStudy({
    file: study,
    cwd: folder,
    overrides: [],
    plugins: [],
    engine: engines[0],
  });
  const file = join(folder, `${name}.duckdb`);
  const database = await openForWriting(file);
  const { connection } = database;
  const run = await enterRun(connection, {
    ...loaded,
    engine: engines[0],
    threads: 1,
    plugins: [],
    provenance: provenance(),
  });
  const rows = loaded.points.flatMap((point) => {
    const { fit } = loaded.designs.find(({ id }) => id === point.design)!;
    return Array.from({ length: loaded.study.replicates }, (_, replicate) => {
      const z = stream("planted", replicate, point.n).normal();
      return {
        ...failedRow(point.id, replicate, { kind: "", message: "" }, 1, 1),
        status: "converged",
        failure: null,
        local: local(fit.name),
        certified: certified(replicate),
        losses: Object.entries(losses).flatMap(([loss, components]) =>
          components.flatMap((component) => {
            const value = planted({ fit: fit.name, k: point.k, loss, component, n: point.n, z });
            return value === null ? [] : [{ loss, component, value }];
          }),
        ),
      };
    });
  });
  await writeRows(connection, run, rows, []);
  await leaveRun(connection, run, "complete", 0);
  database.close();
  return file;
}

/** A study of the primary design with sizes for a narrow interval; `fit` is YAML. */
export function plantedStudy(options: {
  fit?: string;
  expert?: string;
  atoms?: string;
  losses?: string;
}): string {
  const {
    fit = "{atoms: [2, 3]}",
    expert = "{family: ffn, activation: tanh, bias: false}",
    atoms = "[{beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8]}, {beta1: [0, 0], beta0: 0, a: [-0.8, 1.6]}]",
    losses = "[voronoi-d1, regression-l2]",
  } = options;
  return `name: planted
seed: 1
truth:
  gating: softmax
  expert: ${expert}
  input: {law: uniform, low: -3, high: 3, dim: 2}
  noise: {sd: 0.1}
  atoms: ${atoms}
fit: ${fit}
design: {sampleSizes: {from: 1000, to: 64000, count: 7}, replicates: 40}
losses: ${losses}
`;
}
