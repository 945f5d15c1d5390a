import { poweredLaw, slowerLaw, type PredictedLaw } from "./law.ts";
import type { Block, Statement, TheoryEntry } from "./theory-entry.ts";

/** A component of a loss with what is said of it. */
export interface ComponentStatement extends Statement {
  readonly specification: "exact" | "over";
  readonly group: "regression" | "loss" | "gate" | "expert" | "temperature" | "mass";
  readonly cell: "exact" | "over" | "all";
  readonly component: string;
}

/** Statements about every stored component of a loss (docs/losses.md), from the statements about unpowered errors of `entry`.
 *  `grouped`: the gate has two levels, whose first one losses store by itself. `identified` is the entry for the identified parameters of a linear router, whose errors `components` stores beside the others. */
export function lossComponents(
  loss: string,
  over: boolean,
  entry: TheoryEntry,
  identified: TheoryEntry | null,
  grouped: boolean,
): ComponentStatement[] {
  const [name, option] = loss.split(":");
  const specification = over ? ("over" as const) : ("exact" as const);
  const row = (
    component: string,
    group: ComponentStatement["group"],
    cell: ComponentStatement["cell"],
    { published, audited, reason }: Statement,
  ): ComponentStatement => ({ specification, group, cell, component, published, audited, reason });
  const block = over ? entry.over : entry.exact;
  const experts = [block.exactExpert, ...(over ? [block.overExpert] : [])];
  switch (name) {
    case "regression-l2":
      return [row("total", "regression", "all", entry.regression)];
    case "components":
      return [
        ...errorRows(block, over, row),
        row("exact-mass-error", "mass", "exact", block.mass),
        ...(over ? [row("over-mass-error", "mass", "over", block.mass)] : []),
        ...(block.temperature ? [row("temperature-error", "temperature", "all", block.temperature)] : []),
        ...(grouped
          ? [
              row("group-gate-error", "gate", "all", block.exactGate),
              row("group-mass-error", "mass", "all", block.exactGate),
            ]
          : []),
        ...(identified
          ? errorRows(over ? identified.over : identified.exact, over, (component, ...rest) =>
              row(`identified-${component}`, ...rest),
            )
          : []),
      ];
    case "expert-l2":
      return [
        row("total", "expert", "all", slowest(experts)),
        ...errorRows(block, over, row).filter(({ group }) => group === "expert"),
      ];
    case "wasserstein": {
      const spread = powered(block.mass, 1 / Number(option ?? 1));
      const parts = [spread, block.exactGate, ...experts, ...(over ? [block.overGate] : [])];
      return [row("total", "loss", "all", { ...slowest(parts), published: null })];
    }
    case "sigmoid-d3":
      return [
        row("total", "loss", "all", slowest([block.overGate, block.overExpert])),
        row("gate", "gate", "all", block.overGate),
        row("expert", "expert", "all", block.overExpert),
      ];
    default:
      return voronoiRows(loss, over, block, grouped, row);
  }
}

type Row = (
  component: string,
  group: ComponentStatement["group"],
  cell: ComponentStatement["cell"],
  statement: Statement,
) => ComponentStatement;

function errorRows(block: Block, over: boolean, row: Row): ComponentStatement[] {
  return [
    row("exact-gate-error", "gate", "exact", block.exactGate),
    row("exact-expert-error", "expert", "exact", block.exactExpert),
    ...(over
      ? [
          row("over-gate-rms", "gate", "over", block.overGate),
          row("over-expert-rms", "expert", "over", block.overExpert),
          row("over-gate-mean", "gate", "over", block.overGateMean ?? block.overMean),
          row("over-expert-mean", "expert", "over", block.overMean),
        ]
      : []),
  ];
}

function voronoiRows(
  loss: string,
  over: boolean,
  block: Block,
  grouped: boolean,
  row: Row,
): ComponentStatement[] {
  const [exactPower, overPower] = powersOf(loss);
  const exact = {
    gate: powered(block.exactGate, exactPower),
    expert: powered(block.exactExpert, exactPower),
  };
  const inOver = { gate: powered(block.overGate, overPower), expert: powered(block.overExpert, overPower) };
  const heated = block.temperature && /^voronoi-d[34]/u.test(loss) ? block.temperature : null;
  const exactSum = slowest([exact.gate, exact.expert, ...(heated ? [powered(heated, exactPower)] : [])]);
  const overSum = slowest([inOver.gate, inOver.expert, ...(heated ? [powered(heated, overPower)] : [])]);
  const rows = [
    row("mass", "mass", "all", block.mass),
    row("exact", "loss", "exact", exactSum),
    row("exact-gate", "gate", "exact", exact.gate),
    row("exact-expert", "expert", "exact", exact.expert),
  ];
  if (heated) rows.push(row("exact-temperature", "temperature", "exact", powered(heated, exactPower)));
  if (over) {
    rows.push(
      row("over", "loss", "over", overSum),
      row("over-gate", "gate", "over", inOver.gate),
      row("over-expert", "expert", "over", inOver.expert),
    );
    if (heated) rows.push(row("over-temperature", "temperature", "over", powered(heated, overPower)));
  }
  if (grouped)
    rows.push(
      row("group-mass", "mass", "all", block.exactGate),
      row("group-gate", "gate", "all", powered(block.exactGate, exactPower)),
    );
  const parts = [block.mass, exactSum, ...(over ? [overSum] : [])];
  return [row("total", "loss", "all", slowest(parts)), ...rows, ...errorRows(block, over, row)];
}

/** Powers that a loss puts on errors in exact and in over-specified cells. */
function powersOf(loss: string): readonly [number, number] {
  const [name, option] = loss.split(":");
  if (!["voronoi-d2", "voronoi-d3", "voronoi-d6", "sigmoid-d2"].includes(name)) return [1, 2];
  const r = option === undefined ? 1 : Number(option);
  return [r, r];
}

function powered(statement: Statement, power: number): Statement {
  return {
    ...statement,
    published: statement.published && poweredLaw(statement.published, power),
    audited: statement.audited && poweredLaw(statement.audited, power),
  };
}

/** The statement about a sum: the slowest of its parts, published and audited each for itself. An audited sum is unknown when a part is,
 *  unless another part does not converge at all. */
function slowest(parts: readonly Statement[]): Statement {
  const laws = (key: "published" | "audited"): PredictedLaw | null => {
    const stated = parts.map((part) => part[key]).filter((law): law is PredictedLaw => law !== null);
    const unknown = key === "audited" && stated.length < parts.length;
    if (unknown && !stated.some((law) => law.kind === "not-identified")) return null;
    return stated.length === 0 ? null : stated.reduce(slowerLaw);
  };
  const audited = laws("audited");
  return {
    published: laws("published"),
    audited,
    reason: (parts.find((part) => part.audited?.kind === audited?.kind) ?? parts[0]).reason,
  };
}
