import seedrandom from "seedrandom";
import { bench, describe } from "vitest";
import { stream } from "../src/index.ts";

const values = new Float64Array(300_000);

function fill(draw: () => number): void {
  for (let i = 0; i < values.length; i++) values[i] = draw();
}

describe("300,000 uniforms of 53 bits", () => {
  const ours = stream("bench");
  bench("stream (xor4096)", () => ours.fillUniform(values, 0, values.length));
  const arc4 = seedrandom("bench");
  bench("seedrandom, ARC4", () => fill(() => arc4.double()));
  const alea = seedrandom.alea("bench");
  bench("seedrandom, alea", () => fill(() => alea.double()));
});

describe("300,000 normals", () => {
  const ours = stream("bench");
  bench("stream, by inversion", () => ours.fillNormal(values, 0, values.length));
  bench("stream, uniforms only", () => ours.fillUniform(values, 0, values.length));
});

describe("1,000 new streams", () => {
  bench("stream (xor4096)", () => {
    for (let i = 0; i < 1000; i++) stream("bench", i).uniform();
  });
  bench("seedrandom, ARC4", () => {
    for (let i = 0; i < 1000; i++) seedrandom(`bench${i}`).double();
  });
  bench("seedrandom, alea", () => {
    for (let i = 0; i < 1000; i++) seedrandom.alea(`bench${i}`).double();
  });
});
