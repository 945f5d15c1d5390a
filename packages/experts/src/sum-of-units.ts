import type { Expert, ExpertColumns } from "./expert.ts";

/** The expert h = sum_m h_m of experts (units) with parameters of their own: channels side by side, no second derivative across units.
 *  Throws a RangeError without units, and where a unit needs scratch columns of its own. */
export function sumOfUnits(units: readonly Expert[]): Expert {
  if (units.length === 0) throw new RangeError("a sum of experts needs at least one unit");
  if (units.some((unit) => (unit.scratchColumns ?? 0) > 0))
    throw new RangeError("the units of a sum cannot have scratch columns");
  const starts: number[] = [];
  let channels = 0;
  for (const unit of units) {
    starts.push(channels);
    channels += unit.channels.length;
  }
  const columnsOf = new WeakMap<ExpertColumns, ExpertColumns[]>();
  const placed = (columns: ExpertColumns): ExpertColumns[] => {
    let known = columnsOf.get(columns);
    if (!known) columnsOf.set(columns, (known = unitColumns(units, columns)));
    return known;
  };
  return {
    family: units[0].family,
    channels: units.flatMap((unit) => unit.channels),
    secondPairs: units.flatMap((unit, m) =>
      unit.secondPairs.map(([a, b]) => [starts[m] + a, starts[m] + b] as const),
    ),
    scratchColumns: 1,
    evaluate(kernels, columns, n, order) {
      const own = placed(columns);
      for (let m = 0; m < units.length; m++) {
        units[m].evaluate(kernels, own[m], n, order);
        if (m === 0) continue;
        kernels.scale(own[m].value, own[m].value, -1, n);
        kernels.subtract(columns.value, columns.value, own[m].value, n);
      }
    },
  };
}

/** The columns of each unit: its share of the channels and derivatives; the first unit's value in place, the others' in scratch. */
function unitColumns(units: readonly Expert[], columns: ExpertColumns): ExpertColumns[] {
  const scratch = columns.scratch?.[0];
  if (scratch === undefined) throw new RangeError("a sum of experts needs one scratch column");
  let channel = 0;
  let pair = 0;
  return units.map((unit, m) => {
    const [from, second] = [channel, pair];
    channel += unit.channels.length;
    pair += unit.secondPairs.length;
    return {
      channels: columns.channels.slice(from, channel),
      value: m === 0 ? columns.value : scratch,
      first: columns.first.slice(from, channel),
      second: columns.second.slice(second, pair),
    };
  });
}
