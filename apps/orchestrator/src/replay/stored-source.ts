import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { designPointsOf, designsOf, differences, formatDifference } from "@moe-rates/study";
import type { Design, DesignPoint, Json, ResolvedStudy, StoredDesign } from "@moe-rates/study";
import { engineNamed, numericsOf } from "../engines.ts";
import type { Engine } from "../engines.ts";
import { readColumns } from "../fit-data/read-columns.ts";
import type { NumericColumns } from "../fit-data/read-columns.ts";
import { InputError, messageOf } from "../input-error.ts";
import { covariateHash, parameterCounts } from "../load-study.ts";
import type { Plugins } from "../load-plugins.ts";
import { ownVersion } from "../provenance.ts";
import { select } from "../store/select.ts";
import { readStoredDesigns } from "../store/stored-study.ts";

/** What computes the replicates of a stored design again: the study it came from, as the file keeps it. */
export interface StoredSource {
  readonly study: ResolvedStudy;
  readonly designs: readonly Design[];
  readonly points: readonly DesignPoint[];
  readonly covariates: NumericColumns | null;
  readonly plugins: Plugins;
  readonly engine: Engine;
}

export interface SourceRequest {
  /** The database as the user wrote it. */
  readonly shown: string;
  readonly cwd: string;
  readonly plugins: Plugins;
  /** File of `--covariates`, when given. */
  readonly covariates: string | undefined;
}

interface Revision {
  readonly revision: number;
  readonly study: ResolvedStudy;
}

/** A source per design of the list, latest revision of the study first. Throws InputError when this version, machine or command line would give other numbers, with every difference. */
export async function readSources(
  connection: DuckDBConnection,
  wanted: ReadonlySet<string>,
  request: SourceRequest,
): Promise<Map<string, StoredSource>> {
  const rows = await select<{ revision: number; definition: string }>(
    connection,
    "SELECT revision, definition FROM studies ORDER BY revision DESC",
  );
  const revisions = rows.map(({ revision, definition }) => ({
    revision,
    study: JSON.parse(definition) as ResolvedStudy,
  }));
  const bySource = new Map<string, StoredSource>();
  const sources = new Map<string, StoredSource>();
  for (const stored of await readStoredDesigns(connection)) {
    if (!wanted.has(stored.id)) continue;
    const engine = engineOf(stored, request.shown);
    const found = revisions.find((one) =>
      designsIn(one, engine, request.plugins).some(({ id }) => id === stored.id),
    );
    if (found === undefined) throw await otherNumbers(connection, stored, revisions[0], engine, request);
    let source = bySource.get(`${found.revision} ${engine.name}`);
    if (source === undefined) {
      const designs = designsIn(found, engine, request.plugins);
      const sizes = await select<{ n: number }>(
        connection,
        "SELECT DISTINCT n FROM design_points ORDER BY n",
      );
      source = {
        study: found.study,
        designs,
        points: designPointsOf(
          designs,
          sizes.map(({ n }) => n),
        ),
        covariates: await readStoredCovariates(found.study, request),
        plugins: request.plugins,
        engine,
      };
      bySource.set(`${found.revision} ${engine.name}`, source);
    }
    sources.set(stored.id, source);
  }
  return sources;
}

function designsIn({ study }: Revision, engine: Engine, plugins: Plugins): Design[] {
  return designsOf(study, {
    ...numericsOf(engine, parameterCounts(study, plugins.families)),
    pluginHashes: plugins.hashes,
  });
}

function engineOf(stored: StoredDesign, shown: string): Engine {
  const name = String(stored.identity["engine"]);
  try {
    return engineNamed(name);
  } catch (error) {
    throw new InputError(`${shown} was computed with the engine ${name}, which this machine does not offer`, {
      cause: error,
    });
  }
}

/** Why a design cannot be computed again here, and which version can. */
async function otherNumbers(
  connection: DuckDBConnection,
  stored: StoredDesign,
  latest: Revision | undefined,
  engine: Engine,
  { shown, plugins }: SourceRequest,
): Promise<InputError> {
  const now =
    latest &&
    designsIn(latest, engine, plugins).find(({ fit, k }) => fit.name === stored.fit && k === stored.k);
  const lines = now ? differences(stored.identity as Json, now.identity as Json).map(formatDifference) : [];
  const [run] = await select<{ version: string; commit: string | null }>(
    connection,
    `SELECT version, source_commit AS "commit" FROM runs JOIN replicates USING (run) JOIN design_points USING (design_point)
     WHERE design = $1 ORDER BY run DESC LIMIT 1`,
    [stored.id],
  );
  const wrote = run
    ? `moe-rates ${run.version}${run.commit === null ? "" : ` of commit ${run.commit}`}`
    : "the version that wrote them";
  return new InputError(
    [
      `${shown}, design ${stored.id}: moe-rates ${ownVersion()}, as it was called, computes other numbers than these; ${wrote} reproduces them (with the same --plugin files).`,
      ...lines.map((line) => `  ${line}`),
    ].join("\n"),
  );
}

/** The covariates of a study, by `--covariates` or by their name beside the database or in the working directory; the same numbers as in the run, or refused. */
async function readStoredCovariates(
  study: ResolvedStudy,
  { shown, cwd, covariates }: SourceRequest,
): Promise<NumericColumns | null> {
  const { input } = study.truth;
  if (input.law !== "covariates") return null;
  const candidates = covariates
    ? [resolve(cwd, covariates)]
    : [dirname(resolve(cwd, shown)), cwd].flatMap((folder) => [
        join(folder, input.file),
        join(folder, basename(input.file)),
      ]);
  const path = candidates.find((one) => existsSync(one));
  if (path === undefined)
    throw new InputError(
      `the covariates ${covariates ?? input.file} are not there; --covariates FILE names them`,
    );
  const columns = await readColumns(path, input.columns, covariates ?? basename(path)).catch(
    (error: unknown) => {
      throw new InputError(messageOf(error));
    },
  );
  if (covariateHash(columns) !== input.hash)
    throw new InputError(
      `${covariates ?? basename(path)} holds other numbers than the covariates of ${shown}`,
    );
  return columns;
}
