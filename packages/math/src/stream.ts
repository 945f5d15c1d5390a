// oxlint-disable-next-line typescript/triple-slash-reference -- an ambient declaration cannot be imported, and other packages compile this source
/// <reference path="./seedrandom-xor4096.d.ts" />
import xor4096 from "seedrandom/lib/xor4096.js";
import { normalQuantile } from "./normal.ts";

/** Deterministic random stream. Every draw of `uniform`, `normal` or `integer` consumes exactly one uniform. */
export interface Stream {
  /** Multiple of 2^-53 in the open interval (0, 1). */
  uniform(): number;
  /** N(0, 1) by inversion: `normalQuantile(uniform())`. */
  normal(): number;
  /** Integer in 0 .. bound - 1; each has probability 1/bound up to 2^-53. Throws unless 1 <= bound <= 2^32. */
  integer(bound: number): number;
  /** Writes uniforms to `out[from] .. out[to - 1]`, in that order. */
  fillUniform(out: Float64Array, from: number, to: number): void;
  /** Writes N(0, 1) draws to `out[from] .. out[to - 1]`, in that order. */
  fillNormal(out: Float64Array, from: number, to: number): void;
}

/**
 * Text form of a key, injective: every part carries its type and its length, so ("a", "bc") differs from ("ab", "c") and 1 from "1".
 * Throws on a number that is not finite.
 */
export function streamKey(key: readonly (string | number)[]): string {
  let text = "";
  for (const part of key) {
    if (typeof part === "number" && !Number.isFinite(part)) {
      throw new RangeError(`a stream key holds ${part}; numbers in keys must be finite`);
    }
    const body = String(part);
    text += `${typeof part === "number" ? "n" : "s"}${body.length}:${body}`;
  }
  return text;
}

/**
 * The random stream of a key: equal keys give equal streams, different keys independent ones, whatever else was drawn.
 *
 * The generator is seedrandom's xor4096 (Brent's xorgens, 4096 bits of state, period at least 2^4096 - 1), seeded with `streamKey(key)`;
 * why this one: README. It is imported by its own path, so that nothing of seedrandom that seeds itself or touches `Math` is loaded.
 */
export function stream(...key: (string | number)[]): Stream {
  const generator = xor4096(streamKey(key));
  const uniform = (): number => generator.double();
  return {
    uniform,
    normal: () => normalQuantile(uniform()),
    integer(bound) {
      if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
        throw new RangeError(`integer(${bound}): the bound must be an integer from 1 to 2^32`);
      }
      return Math.floor(uniform() * bound);
    },
    fillUniform(out, from, to) {
      for (let i = from; i < to; i++) out[i] = uniform();
    },
    fillNormal(out, from, to) {
      for (let i = from; i < to; i++) out[i] = normalQuantile(uniform());
    },
  };
}
