import { stream } from "@moe-rates/math";
import type { MixingMeasure } from "@moe-rates/mixture";

/** A flat Voronoi loss as its formula says, sharing no code with the package. */
export interface Formula {
  readonly power: (size: number) => number;
  readonly temperature?: boolean;
  /** Lengths of expert blocks measured one by one. */
  readonly blocks?: readonly number[];
  /** K of the top-K form. */
  readonly active?: number;
}

const norm = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

function blockNorms(difference: readonly number[], blocks: readonly number[]): number[] {
  const norms: number[] = [];
  let from = 0;
  for (const length of blocks) {
    norms.push(norm(difference.slice(from, from + length)));
    from += length;
  }
  return norms;
}

function subsets(items: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, at) => subsets(items.slice(at + 1), size - 1).map((rest) => [item, ...rest]));
}

/** The loss of the fit with t1 added to its gates and its masses times c, cell by cell and subset by subset. */
export function lossAtGauge(
  formula: Formula,
  fitted: MixingMeasure,
  truth: MixingMeasure,
  t1: readonly number[],
  c: number,
): number {
  const cells: number[][] = truth.atoms.map(() => []);
  const gates = fitted.atoms.map((a) =>
    truth.atoms.map((b) => Array.from(a.beta1, (v, u) => v + t1[u] - b.beta1[u])),
  );
  const experts = fitted.atoms.map((a) => truth.atoms.map((b) => Array.from(a.eta, (v, s) => v - b.eta[s])));
  fitted.atoms.forEach((_, i) => {
    const distances = truth.atoms.map((__, j) => norm([...gates[i][j], ...experts[i][j]]));
    cells[distances.indexOf(Math.min(...distances))].push(i);
  });
  const heat = formula.temperature ? Math.abs(fitted.temperature! - truth.temperature!) : 0;
  const parts = cells.map((atoms, j) => {
    const p = formula.power(atoms.length);
    const mass = atoms.reduce((sum, i) => sum + c * fitted.atoms[i].mass, 0);
    return atoms.reduce(
      (sum, i) => {
        const norms = [
          norm(gates[i][j]),
          ...blockNorms(experts[i][j], formula.blocks ?? [experts[i][j].length]),
          heat,
        ];
        return sum + c * fitted.atoms[i].mass * norms.reduce((all, value) => all + value ** p, 0);
      },
      Math.abs(mass - truth.atoms[j].mass),
    );
  });
  const everyCell = Array.from(parts.keys());
  return Math.max(
    ...subsets(everyCell, formula.active ?? parts.length).map((chosen) =>
      chosen.reduce((sum, j) => sum + parts[j], 0),
    ),
  );
}

/** Smallest and largest W_j* / W_j over any cells: between them lies every factor that is allowed. */
function factors(
  formula: Formula,
  fitted: MixingMeasure,
  truth: MixingMeasure,
  t1: readonly number[],
): number[] {
  const mass = truth.atoms.map(() => 0);
  fitted.atoms.forEach((a) => {
    const distances = truth.atoms.map((b) =>
      norm([
        ...Array.from(a.beta1, (v, u) => v + t1[u] - b.beta1[u]),
        ...Array.from(a.eta, (v, s) => v - b.eta[s]),
      ]),
    );
    mass[distances.indexOf(Math.min(...distances))] += a.mass;
  });
  const own = truth.atoms.map((b, j) => b.mass / mass[j]).filter((c) => c > 0 && c < Infinity);
  if (formula.active === undefined) return own;
  const [low, high] = [Math.log(Math.min(...own)), Math.log(Math.max(...own))];
  return [...own, ...Array.from({ length: 100 }, (_, step) => Math.exp(low + ((high - low) * step) / 99))];
}

export function bestOverFactors(
  formula: Formula,
  fitted: MixingMeasure,
  truth: MixingMeasure,
  t1: readonly number[],
): number {
  return Math.min(
    ...factors(formula, fitted, truth, t1).map((c) => lossAtGauge(formula, fitted, truth, t1, c)),
  );
}

/** Smallest loss over gauge shifts: random search around every pair difference, narrowing. With an intercept gauge t1 stays 0. */
export function searchGauge(
  formula: Formula,
  fitted: MixingMeasure,
  truth: MixingMeasure,
  key: number,
  draws = 20,
): number {
  const random = stream("gauge search", key);
  const d = truth.atoms[0].beta1.length;
  const at = (t1: number[]) => ({ t1, loss: bestOverFactors(formula, fitted, truth, t1) });
  const centres = [at(Array.from({ length: d }, () => 0))];
  if (truth.gauge === "intercept") return centres[0].loss;
  for (const a of fitted.atoms)
    for (const b of truth.atoms) centres.push(at(Array.from(b.beta1, (v, u) => v - a.beta1[u])));
  for (let radius = 2; radius > 1e-4; radius /= 2) {
    for (const centre of centres) {
      for (let draw = 0; draw < draws; draw++) {
        const next = at(centre.t1.map((value) => value + radius * random.normal()));
        if (next.loss < centre.loss) Object.assign(centre, next);
      }
    }
  }
  return Math.min(...centres.map(({ loss }) => loss));
}
