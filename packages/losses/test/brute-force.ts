import { stream } from "@moe-rates/math";
import type { MixingMeasure } from "@moe-rates/mixture";

/** D1 of the fit shifted by t1, minimised exhaustively over the factors W_j* / W_j: written from the definition, sharing no code with the package. */
export function lossAt(fitted: MixingMeasure, truth: MixingMeasure, t1: readonly number[]): number {
  const cells: number[][] = truth.atoms.map(() => []);
  const distance = fitted.atoms.map((a) =>
    truth.atoms.map((b) => ({
      gate: Math.hypot(...a.beta1.map((value, u) => value + t1[u] - b.beta1[u])),
      expert: Math.hypot(...a.eta.map((value, s) => value - b.eta[s])),
    })),
  );
  distance.forEach((row, i) => {
    const squares = row.map(({ gate, expert }) => gate ** 2 + expert ** 2);
    cells[squares.indexOf(Math.min(...squares))].push(i);
  });
  const cellMass = cells.map((atoms) => atoms.reduce((sum, i) => sum + fitted.atoms[i].mass, 0));
  const losses = truth.atoms.flatMap(({ mass }, reference) => {
    if (cellMass[reference] === 0) return [];
    const c = mass / cellMass[reference];
    let loss = 0;
    cells.forEach((atoms, j) => {
      loss += Math.abs(c * cellMass[j] - truth.atoms[j].mass);
      for (const i of atoms) {
        const { gate, expert } = distance[i][j];
        loss += c * fitted.atoms[i].mass * (atoms.length > 1 ? gate ** 2 + expert ** 2 : gate + expert);
      }
    });
    return [loss];
  });
  return Math.min(...losses);
}

/** Smallest D1 over t1: random search around every pair difference, narrowing, then around the best points found. */
export function bruteForce(fitted: MixingMeasure, truth: MixingMeasure, key: number): number {
  const random = stream("brute force", key);
  const d = truth.atoms[0].beta1.length;
  const centres: { t1: number[]; loss: number }[] = [
    { t1: Array.from({ length: d }, () => 0), loss: Infinity },
  ];
  for (const a of fitted.atoms) {
    for (const b of truth.atoms)
      centres.push({ t1: Array.from(b.beta1, (value, u) => value - a.beta1[u]), loss: Infinity });
  }
  for (const centre of centres) centre.loss = lossAt(fitted, truth, centre.t1);
  for (let radius = 2; radius > 1e-4; radius /= 2) {
    for (const centre of centres) {
      for (let draw = 0; draw < 30; draw++) {
        const t1 = centre.t1.map((value) => value + radius * random.normal());
        const loss = lossAt(fitted, truth, t1);
        if (loss < centre.loss) Object.assign(centre, { t1, loss });
      }
    }
  }
  return Math.min(...centres.map(({ loss }) => loss));
}
