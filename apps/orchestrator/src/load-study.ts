import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { createModel, totalAtoms } from "@moe-rates/mixture";
import type { Families } from "@moe-rates/mixture";
import { designPointsOf, designsOf, dimensionOf, formatProblem, parseStudy } from "@moe-rates/study";
import type { Design, DesignPoint, FitSpec, Problem, ResolvedStudy } from "@moe-rates/study";
import { numericsOf } from "./engines.ts";
import type { Engine } from "./engines.ts";
import { readColumns } from "./fit-data/read-columns.ts";
import type { NumericColumns } from "./fit-data/read-columns.ts";
import { InputError, messageOf } from "./input-error.ts";
import { loadPlugins } from "./load-plugins.ts";
import type { Plugins } from "./load-plugins.ts";

/** A study file that is not right, with everything that is wrong about it. */
export class StudyProblems extends InputError {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/** A study ready to run. */
export interface LoadedStudy {
  readonly study: ResolvedStudy;
  readonly warnings: readonly Problem[];
  readonly plugins: Plugins;
  /** Rows to draw x from, when the study says so. */
  readonly covariates: NumericColumns | null;
  readonly designs: readonly Design[];
  readonly points: readonly DesignPoint[];
  /** Number of parameters of each design's model, by design id. */
  readonly parameters: ReadonlyMap<string, number>;
  /** Absolute paths of all files that were read. */
  readonly inputs: readonly string[];
}

/** Replicates of one study: years of work, and more than a table per replicate is good for. */
const mostReplicates = 100_000_000;

export interface StudyRequest {
  readonly file: string;
  readonly cwd: string;
  /** `key=value` texts of `--set`. */
  readonly overrides: readonly string[];
  /** Files of `--plugin`. */
  readonly plugins: readonly string[];
  readonly engine: Engine;
}

/** Reads and checks a study with everything it refers to. Throws StudyProblems or InputError; runs no fit and writes nothing. */
export async function loadStudy(request: StudyRequest): Promise<LoadedStudy> {
  const path = resolve(request.cwd, request.file);
  const text = readText(path, request.file);
  const plugins = await loadPlugins(request.plugins, request.cwd);
  const parsed = parseStudy(text, {
    fileName: request.file,
    families: plugins.families,
    overrides: request.overrides,
  });
  if (!parsed.ok) throw new StudyProblems(parsed.problems);
  const covariates = await readCovariates(parsed.study, path, request.file);
  const study = covariates === null ? parsed.study : withCovariateHash(parsed.study, covariates.columns);
  const parametersOf = parameterCounts(study, plugins.families);
  const designs = designsOf(study, {
    ...numericsOf(request.engine, parametersOf),
    pluginHashes: plugins.hashes,
  });
  const points = designPointsOf(designs, study.sampleSizes);
  if (points.length * study.replicates > mostReplicates)
    throw new InputError(
      `${request.file}: ${points.length} design points of ${study.replicates} replicates are ${points.length * study.replicates}; one file holds at most ${mostReplicates}`,
    );
  const parameters = new Map(designs.map(({ id, fit }) => [id, parametersOf(fit)]));
  return {
    study,
    plugins,
    designs,
    parameters,
    warnings: parsed.warnings,
    covariates: covariates?.columns ?? null,
    points,
    inputs: [path, ...plugins.files, ...(covariates === null ? [] : [covariates.path])],
  };
}

/** Number of parameters of a fit's model. */
export function parameterCounts(study: ResolvedStudy, families: Families): (fit: FitSpec) => number {
  const inputDim = dimensionOf(study.truth.input);
  return (fit) => {
    const atoms = totalAtoms(fit.gating, fit.atoms, families);
    return createModel({ ...fit, atoms, inputDim, families }).parameterCount;
  };
}

function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new InputError(
      code === "ENOENT" ? `${shown}: no such study file` : `${shown} cannot be read: ${messageOf(error)}`,
    );
  }
}

/** A file a study names lies in the study's folder or below, links followed: a study from elsewhere cannot read what its user did not put there. */
function insideFolder(folder: string, file: string, place: string): string {
  const path = resolve(folder, file);
  const inside = (from: string, to: string): boolean => {
    const way = relative(from, to);
    return way !== "" && !isAbsolute(way) && way.split(sep)[0] !== "..";
  };
  if (!inside(folder, path) || (existsSync(path) && !inside(realpathSync(folder), realpathSync(path))))
    throw new InputError(`${place}: ${file} is outside the folder of the study; copy it there`);
  return path;
}

async function readCovariates(
  study: ResolvedStudy,
  studyPath: string,
  shown: string,
): Promise<{ columns: NumericColumns; path: string } | null> {
  const { input } = study.truth;
  if (input.law !== "covariates") return null;
  const path = insideFolder(dirname(studyPath), input.file, `${shown}, truth.input.file`);
  try {
    return { path, columns: await readColumns(path, input.columns, input.file) };
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${shown}, truth.input: ${error.message}`);
    throw error;
  }
}

function withCovariateHash(study: ResolvedStudy, covariates: NumericColumns): ResolvedStudy {
  const input = { ...study.truth.input, hash: covariateHash(covariates) } as ResolvedStudy["truth"]["input"];
  return { ...study, truth: { ...study.truth, input } };
}

/** SHA-256 of covariates by their numbers, so that a CSV file and its Parquet copy are the same. */
export function covariateHash({ columns, rows, values }: NumericColumns): string {
  return createHash("sha256")
    .update(JSON.stringify([columns, rows]))
    .update(new Uint8Array(values.buffer))
    .digest("hex");
}
