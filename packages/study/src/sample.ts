import { stream } from "@moe-rates/math";
import type { MixtureModel } from "@moe-rates/mixture";
import type { InputSpec } from "./types.ts";
import type { StreamKey } from "./replicate-stream.ts";

/** Rows of real data that inputs are drawn from: value of row i in column u is `values[u * rows + i]`. */
export interface Covariates {
  readonly columns: readonly string[];
  readonly rows: number;
  readonly values: Float64Array;
}

/** A simulated sample: x column-major n x d, y = f_{G*}(x) + noise. */
export interface Sample {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Sum of squares of the noise: the sum of squares of the truth. */
  readonly sseTruth: number;
}

/** Draws n observations. Inputs and noise come from two streams, each observation by observation, so that the first m observations of a
 *  larger sample of the same keys are the sample of size m, bit for bit. Inputs: `uniform` and `normal` draw the d coordinates in turn;
 *  `sphere` draws d normals and scales them to the radius; `covariates` draws one row with replacement. */
export function drawSample(request: {
  readonly n: number;
  readonly dim: number;
  readonly input: InputSpec;
  readonly noiseSd: number;
  readonly truth: MixtureModel;
  readonly theta: Float64Array;
  readonly key: (purpose: string) => StreamKey;
  readonly covariates?: Covariates | null;
}): Sample {
  const { n, dim, truth, theta } = request;
  const x = drawInputs(request);
  const y = new Float64Array(n);
  truth.regression(theta, x, n, y);
  const noise = stream(...request.key("noise"));
  let sseTruth = 0;
  let correction = 0;
  for (let i = 0; i < n; i++) {
    const e = request.noiseSd * noise.normal();
    y[i] += e;
    const term = e * e - correction;
    const next = sseTruth + term;
    correction = next - sseTruth - term;
    sseTruth = next;
  }
  return { x, y, sseTruth };

  function drawInputs({ input, covariates, key }: typeof request): Float64Array {
    const random = stream(...key("inputs"));
    const out = new Float64Array(n * dim);
    if (input.law === "covariates") {
      if (!covariates) throw new TypeError(`the rows of ${input.file} were not handed over`);
      for (let i = 0; i < n; i++) {
        const row = random.integer(covariates.rows);
        for (let u = 0; u < dim; u++) out[u * n + i] = covariates.values[u * covariates.rows + row];
      }
      return out;
    }
    for (let i = 0; i < n; i++) {
      if (input.law === "uniform") {
        for (let u = 0; u < dim; u++)
          out[u * n + i] = input.low + (input.high - input.low) * random.uniform();
      } else {
        let square = 0;
        for (let u = 0; u < dim; u++) {
          const value = random.normal();
          out[u * n + i] = value;
          square += value * value;
        }
        for (let u = 0; u < dim; u++) {
          if (input.law === "normal") out[u * n + i] = (input.mean ?? 0) + (input.sd ?? 1) * out[u * n + i];
          else out[u * n + i] *= (input.radius ?? 1) / Math.sqrt(square);
        }
      }
    }
    return out;
  }
}
