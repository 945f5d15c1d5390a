import type { ExpertClass } from "./expert-class.ts";
import type { GateClass } from "./gate-class.ts";
import type { PredictedLaw } from "./law.ts";

/** What is said of one error: published, audited, and why the two are what they are. */
export interface Statement {
  readonly published: PredictedLaw | null;
  readonly audited: PredictedLaw | null;
  readonly reason: string;
}

/** Statements about the unpowered errors of one specification. Losses that raise errors to a power follow (`poweredLaw`). */
export interface Block {
  /** |W_j - W_j*|. */
  readonly mass: Statement;
  /** Gate and expert parameters in cells of size one. */
  readonly exactGate: Statement;
  readonly exactExpert: Statement;
  /** Root mean squares in cells with several atoms. */
  readonly overGate: Statement;
  readonly overExpert: Statement;
  /** Mass-weighted means of such cells. */
  readonly overMean: Statement;
  /** Those of gates, where they differ from those of experts. */
  readonly overGateMean?: Statement;
  readonly temperature?: Statement;
}

/** One row of the table of predictions: a gate, the experts it is about, exactly specified and over-specified. */
export interface TheoryEntry {
  readonly id: string;
  readonly gates: readonly GateClass[];
  readonly experts: readonly ExpertClass[];
  readonly regression: Statement;
  readonly exact: Block;
  readonly over: Block;
}

/** A block in which every error has the same statement, except as said. */
export function uniformBlock(statement: Statement, except: Partial<Block> = {}): Block {
  return {
    mass: statement,
    exactGate: statement,
    exactExpert: statement,
    overGate: statement,
    overExpert: statement,
    overMean: statement,
    ...except,
  };
}
