import { contentHash } from "./canonical-json.ts";
import type { Design, DesignPoint, FitSpec, InputSpec, Json, ResolvedStudy } from "./types.ts";

/** Part of every identity; raised whenever a change of the code may change results of existing studies. */
export const numericsVersion = 7;

/** What determines numbers besides the study itself. */
export interface NumericsContext {
  /** Engine that evaluates the model: fused-simd, fused-js, ... */
  readonly engine: string;
  /** Content hash of the kernels. */
  readonly kernelHash: string;
  /** Engine of a fit, where it is another one. */
  readonly engineOf?: (fit: FitSpec) => { readonly name: string; readonly kernelHash: string };
  /** Content hash of the plugin file behind each plugged-in family, keyed `gating:NAME` or `expert:NAME`; shipped families are absent. */
  readonly pluginHashes?: Readonly<Record<string, string>>;
  /** Content hash of the covariates file; needed when the inputs are covariates and the study does not carry the hash. */
  readonly covariatesHash?: string;
}

/**
 * One design per fit (and k). The identity holds the seed, the truth with inputs and noise, how samples are shared, the fit and the context, but neither
 * names nor sample sizes, replicates, losses or threads: those change no existing number. Throws a TypeError when the covariates' hash is missing.
 */
export function designsOf(study: ResolvedStudy, context: NumericsContext): Design[] {
  const { gating, expert, noise, atoms, groups } = study.truth;
  const input = inputIdentity(study.truth.input, context);
  const truth = { gating, expert, input, noise, atoms, ...(groups ? { groups } : {}) };
  return study.fits.map((fit) => {
    const engine = context.engineOf?.(fit) ?? { name: context.engine, kernelHash: context.kernelHash };
    const identity = {
      numericsVersion,
      engine: engine.name,
      kernels: engine.kernelHash,
      seed: study.seed,
      truth: truth as unknown as Json,
      truthPlugins: pluginsOf(study.truth, context.pluginHashes ?? {}),
      nested: study.nested,
      commonRandomNumbers: study.commonRandomNumbers,
      fit: fitIdentity(fit),
      fitPlugins: pluginsOf(fit, context.pluginHashes ?? {}),
    };
    return { id: contentHash(identity), fit, k: fit.atoms, identity };
  });
}

/** Where covariates come from does not count, only what they are. */
function inputIdentity(input: InputSpec, context: NumericsContext): Json {
  if (input.law !== "covariates") return { ...input };
  const hash = context.covariatesHash ?? input.hash;
  if (hash === undefined)
    throw new TypeError(`the content hash of the covariates ${input.file} is needed to name a design`);
  return { law: input.law, columns: input.columns, hash };
}

function fitIdentity({ name: _, ...fit }: FitSpec): Json {
  return fit as unknown as Json;
}

/** Hashes of the plugins behind a gating and an expert. */
function pluginsOf(
  { gating, expert }: Pick<FitSpec, "gating" | "expert">,
  hashes: Readonly<Record<string, string>>,
): Record<string, string> {
  const family = (spec: FitSpec["gating"]): string => (typeof spec === "string" ? spec : spec.family);
  const used = [`gating:${family(gating)}`, `expert:${family(expert)}`];
  return Object.fromEntries(
    used.filter((key) => Object.hasOwn(hashes, key)).map((key) => [key, hashes[key]]),
  );
}

/** Every design at every sample size, designs in order, sizes within. The id of a point is `design/n`. */
export function designPointsOf(designs: readonly Design[], sizes: readonly number[]): DesignPoint[] {
  return designs.flatMap(({ id, k }) => sizes.map((n) => ({ id: `${id}/${n}`, design: id, n, k })));
}
