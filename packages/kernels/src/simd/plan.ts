import { BLOCK } from "../memory.ts";
import type { Channel, NormalRequest } from "../kernels.ts";

const COLUMN = BLOCK * 8;

/** The programs of a request as flat 32-bit words. A program is the number of its segments and then, per segment:
 *
 *     width                    moment columns
 *     relative, address        of the first moment column: in bytes, from the block's basis if `relative` is 1
 *     n, n x (left, right)     moment columns to form first: weight x left x right, byte offsets from the block's basis
 *     n, n x (moment, target)  where the sums of a pair of different channels go, byte offsets
 *     n, n x (moment, target)  the same for a channel paired with itself
 *     n, n x (a, b, f, out, kind, a, b, f, out, kind)   tiles of two pairs without curvature; kind 0: first list, 1: second, 2: skip
 *     n, n x (...)             tiles with curvature columns f
 */
export type Program = "gradient" | "norms" | "normal";

interface Pair {
  a: number;
  b: number;
  f: number;
  out: number;
  kind: number;
}

interface Segment {
  relative: 0 | 1;
  address: number;
  products: [number, number][];
  width: number;
  off: [number, number][];
  diagonal: [number, number][];
  pairs: Pair[];
}

/** Flattens one program of a request. `weighted` is the byte address at which the module keeps the column weight x e. */
export function programOf(request: NormalRequest, program: Program, weighted: number): Int32Array {
  if (program === "gradient") return flatten(gradientSegments(request, weighted));
  return flatten(program === "norms" ? normSegments(request) : normalSegments(request));
}

function gradientSegments(request: NormalRequest, weighted: number): Segment[] {
  return byBasis(request.channels).map(([{ basis, terms }, members]) => ({
    relative: 1,
    address: basis * COLUMN,
    products: [],
    width: terms,
    off: Array.from({ length: terms }, (_, t) => [8 * t, 8 * t]),
    diagonal: [],
    pairs: members.map((c) => ({
      a: weighted,
      b: scalarOf(request, c),
      f: -1,
      out: request.channels[c].parameter * 8,
      kind: 0,
    })),
  }));
}

function normSegments(request: NormalRequest): Segment[] {
  return byBasis(request.channels).map(([{ basis, terms }, members]) => ({
    relative: 0,
    address: request.scratch * 8,
    products: Array.from({ length: terms }, (_, t) => [basis + t, basis + t]),
    width: terms,
    off: Array.from({ length: terms }, (_, t) => [8 * t, 8 * t]),
    diagonal: [],
    pairs: members.map((c) => {
      const scalar = scalarOf(request, c);
      return { a: scalar, b: scalar, f: -1, out: request.channels[c].parameter * 8, kind: 0 };
    }),
  }));
}

function normalSegments(request: NormalRequest): Segment[] {
  const { channels, dimension, curvature } = request;
  const segments = new Map<string, Segment>();
  for (let c = 0; c < channels.length; c++) {
    for (let d = c; d < channels.length; d++) {
      const left = channels[c];
      const right = channels[d];
      const key = `${left.basis} ${left.terms} ${right.basis} ${right.terms}`;
      let segment = segments.get(key);
      if (!segment) segments.set(key, (segment = emptySegment(left, right, dimension)));
      const second = curvature[c * channels.length + d];
      segment.pairs.push({
        a: scalarOf(request, c),
        b: scalarOf(request, d),
        f: second < 0 ? -1 : second * 8,
        out: (left.parameter * dimension + right.parameter) * 8,
        kind: c === d ? 1 : 0,
      });
    }
  }
  return placeMoments([...segments.values()], request.scratch);
}

function emptySegment(left: Channel, right: Channel, dimension: number): Segment {
  const same = left.basis === right.basis && left.terms === right.terms;
  const wanted = new Map<number, [number, number]>();
  for (let t = 0; t < left.terms; t++) {
    for (let u = 0; u < right.terms; u++) {
      const product = ordered(left.basis + t, right.basis + u);
      wanted.set(packed(product), product);
    }
  }
  const codes = [...wanted.keys()].sort((x, y) => x - y);
  const off: [number, number][] = [];
  const diagonal: [number, number][] = [];
  for (let t = 0; t < left.terms; t++) {
    for (let u = 0; u < right.terms; u++) {
      const moment = codes.indexOf(packed(ordered(left.basis + t, right.basis + u)));
      off.push([8 * moment, 8 * (t * dimension + u)]);
      if (same && t <= u) diagonal.push([8 * moment, 8 * (t * dimension + u)]);
    }
  }
  const products = codes.map((code) => wanted.get(code) as [number, number]);
  return { relative: 0, address: 0, products, width: products.length, off, diagonal, pairs: [] };
}

/** Segments with most moment columns first; one whose columns lie side by side in what is already formed forms none. */
function placeMoments(segments: Segment[], scratch: number): Segment[] {
  segments.sort((x, y) => y.products.length - x.products.length);
  let formed: number[] = [];
  for (const segment of segments) {
    const codes = segment.products.map(packed);
    const at = formed.findIndex((_, i) => codes.every((code, j) => formed[i + j] === code));
    segment.address = scratch * 8 + Math.max(at, 0) * COLUMN;
    if (at >= 0) segment.products = [];
    else formed = codes;
  }
  return segments;
}

function ordered(x: number, y: number): [number, number] {
  return x <= y ? [x, y] : [y, x];
}

/** Index of the product of basis columns t <= u in a packed triangle. */
function packed([t, u]: readonly [number, number]): number {
  return (u * (u + 1)) / 2 + t;
}

function scalarOf(request: NormalRequest, channel: number): number {
  return (request.scalars + channel * BLOCK) * 8;
}

function byBasis(channels: readonly Channel[]): [Channel, number[]][] {
  const groups = new Map<string, [Channel, number[]]>();
  channels.forEach((channel, c) => {
    const key = `${channel.basis} ${channel.terms}`;
    const group = groups.get(key);
    if (group) group[1].push(c);
    else groups.set(key, [channel, [c]]);
  });
  return [...groups.values()];
}

function flatten(segments: readonly Segment[]): Int32Array {
  const words: number[] = [segments.length];
  for (const segment of segments) {
    words.push(segment.width, segment.relative, segment.address, segment.products.length);
    for (const [t, u] of segment.products) words.push(t * COLUMN, u * COLUMN);
    for (const list of [segment.off, segment.diagonal]) words.push(list.length, ...list.flat());
    for (const curved of [false, true]) {
      const pairs = segment.pairs.filter(({ f }) => f >= 0 === curved);
      if (pairs.length % 2 === 1) pairs.push({ ...pairs[pairs.length - 1], kind: 2 });
      words.push(pairs.length / 2);
      for (const { a, b, f, out, kind } of pairs) words.push(a, b, f, out, kind);
    }
  }
  return Int32Array.from(words, (word) => word | 0);
}
