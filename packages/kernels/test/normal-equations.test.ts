import { stream } from "@moe-rates/math";
import { describe, expect, test } from "vitest";
import { BLOCK, type Channel, type Kernels, type NormalRequest } from "../src/index.ts";
import { kernelSets } from "./kernel-sets.ts";

interface Problem {
  kernels: Kernels;
  request: NormalRequest;
  e: number;
  gradient: number;
  norms: number;
  matrix: number;
  dimension: number;
}

/** Channels over x, (x, 1), 1, x/|x| and (1, x/|x|) in random order, random columns, and weight 0 in the last `padding` rows. */
function problem(
  create: (doubles: number) => Kernels,
  seed: number,
  inputDim: number,
  count: number,
  curved: boolean,
  padding: number,
): Problem {
  const random = stream("normal", seed);
  const bases: [number, number][] = [
    [0, inputDim],
    [0, inputDim + 1],
    [inputDim, 1],
    [inputDim + 1, inputDim],
    [inputDim, inputDim + 1],
  ];
  let dimension = 0;
  const channels: Channel[] = Array.from({ length: count }, () => {
    const [basis, terms] = bases[random.integer(bases.length)];
    const parameter = dimension;
    dimension += terms;
    return { basis, terms, parameter };
  });
  const columns = 2 * inputDim + 1;
  const moments = (columns * (columns + 1)) / 2 + 2;
  const kernels = create(
    (columns + count + count * count + moments + 4) * BLOCK + dimension * (dimension + 3),
  );
  const column = () => {
    const at = kernels.memory.allocate(BLOCK);
    for (let i = 0; i < BLOCK; i++) kernels.memory.f64[at + i] = random.normal();
    return at;
  };
  const many = (n: number) => Array.from({ length: n }, column)[0];
  const basis = many(columns);
  const scalars = many(count);
  const e = column();
  const weight = column();
  const curvature = new Int32Array(count * count).fill(-1);
  for (let c = 0; c < count; c++) {
    for (let d = c; d < count; d++) if (curved && random.uniform() < 0.6) curvature[c * count + d] = column();
  }
  const { f64 } = kernels.memory;
  for (let i = 0; i < BLOCK; i++) f64[weight + i] = i < BLOCK - padding ? 1 + random.integer(3) : 0;
  for (let t = 0; t < columns; t++) f64.fill(0, basis + t * BLOCK + BLOCK - padding, basis + (t + 1) * BLOCK);
  const scratch = kernels.memory.allocate(moments * BLOCK);
  const request: NormalRequest = { channels, dimension, scalars, curvature, basis, columns, weight, scratch };
  const gradient = kernels.memory.allocate(dimension);
  const norms = kernels.memory.allocate(dimension);
  const matrix = kernels.memory.allocate(dimension * dimension);
  return { kernels, request, e, gradient, norms, matrix, dimension };
}

/** J'We, the squared column norms and J'WJ + sum w e f'' by the definition, with the sums of absolute values as error scales. */
function dense({ kernels, request, e, dimension }: Problem) {
  const { f64 } = kernels.memory;
  const { channels, scalars, basis, weight, curvature } = request;
  const owner = channels.flatMap((channel, c) =>
    Array.from({ length: channel.terms }, (_, t) => ({ c, column: channel.basis + t })),
  );
  const gradient = new Float64Array(dimension);
  const norms = new Float64Array(dimension);
  const matrix = new Float64Array(dimension * dimension);
  const scale = new Float64Array(dimension * dimension);
  for (let i = 0; i < BLOCK; i++) {
    const w = f64[weight + i];
    if (w === 0) continue;
    owner.forEach(({ c, column }, p) => {
      const s = f64[scalars + c * BLOCK + i];
      const b = f64[basis + column * BLOCK + i];
      gradient[p] += w * f64[e + i] * s * b;
      norms[p] += w * (s * b) ** 2;
      for (let q = p; q < dimension; q++) {
        const other = owner[q];
        const address = curvature[c * channels.length + other.c];
        const second = address < 0 ? 0 : f64[e + i] * f64[address + i];
        const moment = w * b * f64[basis + other.column * BLOCK + i];
        const product = s * f64[scalars + other.c * BLOCK + i];
        matrix[p * dimension + q] += (product + second) * moment;
        scale[p * dimension + q] += (Math.abs(product) + Math.abs(second)) * Math.abs(moment);
      }
    });
  }
  return { gradient, norms, matrix, scale };
}

function update({ kernels, request, e, gradient, norms, matrix }: Problem) {
  kernels.gradient(request, e, gradient, norms);
  kernels.normal(request, e, matrix);
}

function expectDense(given: Problem) {
  const { kernels, gradient, norms, matrix, dimension } = given;
  const { f64 } = kernels.memory;
  const expected = dense(given);
  for (let p = 0; p < dimension; p++) {
    expect(Math.abs(f64[gradient + p] - expected.gradient[p])).toBeLessThanOrEqual(
      1e-12 * (1 + Math.abs(expected.gradient[p])),
    );
    expect(Math.abs(f64[norms + p] - expected.norms[p])).toBeLessThanOrEqual(1e-13 * expected.norms[p]);
    for (let q = p; q < dimension; q++) {
      const at = p * dimension + q;
      expect(Math.abs(f64[matrix + at] - expected.matrix[at]), `${p} ${q}`).toBeLessThanOrEqual(
        1e-14 * expected.scale[at],
      );
    }
    for (let q = 0; q < p; q++) expect(f64[matrix + p * dimension + q]).toBe(0);
  }
}

describe.each(kernelSets)("%s normal equations", (_set, create) => {
  for (const curved of [false, true]) {
    test(`equal the dense sums for random layouts of 1 to 12 channels ${curved ? "with" : "without"} curvature`, () => {
      for (let seed = 0; seed < 36; seed++) {
        const given = problem(create, seed, 1 + (seed % 6), 1 + (seed % 12), curved, [0, 0, 100][seed % 3]);
        update(given);
        expectDense(given);
      }
    });
  }

  test("add to what is there, and leave the norms alone when they are not asked for", () => {
    const given = problem(create, 100, 2, 5, true, 0);
    const { f64 } = given.kernels.memory;
    update(given);
    const once = f64.slice(given.matrix, given.matrix + given.dimension ** 2);
    given.kernels.normal(given.request, given.e, given.matrix);
    once.forEach((value, i) => expect(f64[given.matrix + i]).toBe(2 * value));
    const norms = f64.slice(given.norms, given.norms + given.dimension);
    given.kernels.gradient(given.request, given.e, given.gradient, -1);
    expect(f64.slice(given.norms, given.norms + given.dimension)).toEqual(norms);
  });

  test("rows of weight 0 add exactly nothing, even where their columns are infinite or NaN", () => {
    const given = problem(create, 101, 2, 6, true, 40);
    const { f64 } = given.kernels.memory;
    update(given);
    const clean = f64.slice(given.gradient, given.matrix + given.dimension ** 2);
    f64.fill(0, given.gradient, given.matrix + given.dimension ** 2);
    const addresses = [given.e, ...given.request.curvature].filter((address) => address >= 0);
    for (let c = 0; c < given.request.channels.length; c++) addresses.push(given.request.scalars + c * BLOCK);
    addresses.forEach((address, k) =>
      f64.fill([Infinity, NaN, -Infinity][k % 3], address + BLOCK - 40, address + BLOCK),
    );
    update(given);
    expect(f64.slice(given.gradient, given.matrix + given.dimension ** 2)).toEqual(clean);
  });

  test("give the same bits again, in any order of requests on one memory", () => {
    const given = problem(create, 102, 3, 8, true, 10);
    const { f64 } = given.kernels.memory;
    const plain: NormalRequest = { ...given.request, curvature: new Int32Array(64).fill(-1) };
    const of = (request: NormalRequest) => {
      f64.fill(0, given.gradient, given.matrix + given.dimension ** 2);
      update({ ...given, request });
      return f64.slice(given.gradient, given.matrix + given.dimension ** 2);
    };
    const first = [given.request, plain].map(of);
    for (let again = 0; again < 200; again++) of({ ...plain });
    expect([given.request, plain].map(of)).toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
  });
});
