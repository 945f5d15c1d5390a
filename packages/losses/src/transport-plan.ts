/** Cheapest way to carry a mass to its demands. */
export interface TransportPlan {
  /** Mass carried from i to j: k x m row-major. */
  readonly plan: Float64Array;
  readonly cost: number;
}

/**
 * Exact solution of the transport problem min sum_ij c_ij q_ij over q >= 0 with row sums `supply` and column sums `demand`, by successive cheapest paths
 * with potentials (Dijkstra on the dense bipartite graph). Every path exhausts a supply, a demand or a carried mass, so that there is nothing to tune.
 *
 * @param costs k x m row-major, not negative
 * @param supply k masses, @param demand m masses, not negative, of equal sums up to rounding (what is left over within 1e-12 of the total is not carried)
 */
export function transportPlan(
  costs: Float64Array,
  supply: Float64Array,
  demand: Float64Array,
): TransportPlan {
  const k = supply.length;
  const m = demand.length;
  const plan = new Float64Array(k * m);
  const left = Float64Array.from(supply);
  const wanted = Float64Array.from(demand);
  const potential = new Float64Array(k + m);
  const total = supply.reduce((sum, mass) => sum + mass, 0);
  const negligible = 1e-14 * total;
  for (;;) {
    const found = cheapestPath(costs, plan, left, wanted, potential, negligible);
    if (found === undefined) break;
    const { distance, from, end } = found;
    for (let v = 0; v < k + m; v++) potential[v] += Math.min(distance[v], distance[k + end]);
    let amount = wanted[end];
    let node = k + end;
    while (from[node] >= 0) {
      if (node < k) amount = Math.min(amount, plan[node * m + from[node] - k]);
      node = from[node];
    }
    amount = Math.min(amount, left[node]);
    left[node] = exhausted(left[node] - amount, negligible);
    wanted[end] = exhausted(wanted[end] - amount, negligible);
    for (node = k + end; from[node] >= 0; node = from[node]) {
      if (node >= k) plan[from[node] * m + node - k] += amount;
      else {
        const at = node * m + from[node] - k;
        plan[at] = exhausted(plan[at] - amount, 0);
      }
    }
  }
  let cost = 0;
  for (let at = 0; at < plan.length; at++) cost += plan[at] * costs[at];
  return { plan, cost };
}

function exhausted(mass: number, negligible: number): number {
  return mass > negligible ? mass : 0;
}

/** Cheapest path, by reduced costs, from a supply that is left to a demand that is open; `from` leads back along it. */
function cheapestPath(
  costs: Float64Array,
  plan: Float64Array,
  left: Float64Array,
  wanted: Float64Array,
  potential: Float64Array,
  negligible: number,
): { distance: Float64Array; from: Int32Array; end: number } | undefined {
  const k = left.length;
  const m = wanted.length;
  const distance = new Float64Array(k + m).fill(Infinity);
  const from = new Int32Array(k + m).fill(-1);
  const done = new Uint8Array(k + m);
  for (let i = 0; i < k; i++) if (left[i] > negligible) distance[i] = 0;
  for (;;) {
    let node = -1;
    for (let v = 0; v < k + m; v++)
      if (done[v] === 0 && distance[v] < Infinity && (node < 0 || distance[v] < distance[node])) node = v;
    if (node < 0) return undefined;
    done[node] = 1;
    if (node >= k && wanted[node - k] > negligible) return { distance, from, end: node - k };
    if (node < k) {
      for (let j = 0; j < m; j++)
        relax(node, k + j, Math.max(0, costs[node * m + j] + potential[node] - potential[k + j]));
    } else {
      for (let i = 0; i < k; i++) {
        const at = i * m + node - k;
        if (plan[at] > 0) relax(node, i, Math.max(0, potential[node] - costs[at] - potential[i]));
      }
    }
  }

  function relax(start: number, end: number, length: number): void {
    if (done[end] === 1 || distance[start] + length >= distance[end]) return;
    distance[end] = distance[start] + length;
    from[end] = start;
  }
}
