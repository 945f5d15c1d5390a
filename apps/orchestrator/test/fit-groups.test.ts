import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { command, startCommand, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const data = join(folder, "data.csv");
const rows = Array.from({ length: 150 }, (_, i) => {
  const [x1, x2] = [3 * Math.sin(i * 1.7), 3 * Math.cos(i * 2.3)];
  const gate = 1 / (1 + Math.exp(-x1 + 0.5 * x2));
  const y = gate * Math.tanh(1.5 * x1 + x2) + (1 - gate) * Math.tanh(x1 - 2 * x2);
  return [x1, x2, y + 0.05 * Math.sin(1000 * i)].join(",");
});
writeFileSync(data, `x1,x2,y\n${rows.join("\n")}\n`);
const base = ["fit", data, "--x", "x1,x2", "--y", "y", "--box", "20"];
const groups = ["--gating", "hierarchical:2", "--expert", "ffn:tanh,no-bias", "--atoms", "2"];

interface Fit {
  sse: number;
  atoms: object[];
  groups: { a: number[]; b: number; atoms: { beta1: number[]; beta0: number; eta: { a: number[] } }[] }[];
}

test("fit of two groups lists them as study files do, and starts from what it listed", async () => {
  const { code, out } = await startCommand([...base, ...groups, "--starts", "8", "--json"]).ended;
  expect(code).toBe(0);
  const fit = JSON.parse(out) as Fit;
  expect(fit.atoms).toHaveLength(4);
  expect(fit.groups.map(({ atoms }) => atoms.length)).toEqual([2, 2]);
  expect(Object.keys(fit.groups[0])).toEqual(["a", "b", "atoms"]);
  expect(Object.keys(fit.groups[0].atoms[0])).toEqual(["beta1", "beta0", "eta"]);
  expect(fit.groups[0].a[0] + fit.groups[1].a[0]).toBeCloseTo(0, 9);
  const file = join(folder, "groups.json");
  writeFileSync(file, JSON.stringify(fit.groups));
  const again = await startCommand([...base, ...groups, "--start", file, "--starts", "1"]).ended;
  expect(again.out).toMatch(/^group +a\[x1\] +a\[x2\] +b$/m);
  expect(again.out).toMatch(/^atom +group +beta1\[x1\]/m);
  expect(again.out).toContain(`sum of squares  ${fit.sse.toPrecision(10)}`);
});

test("fit with experts of several units lists the parameters of each", async () => {
  const wide = ["--expert", "ffn:tanh,no-bias,width=2,scale", "--atoms", "1", "--starts", "6", "--json"];
  const { code, out } = await startCommand([...base, ...wide]).ended;
  expect(code).toBe(0);
  const [atom] = (JSON.parse(out) as Fit).atoms;
  expect(Object.keys(atom)).toEqual(["beta1", "beta0", "a1", "lambda1", "a2", "lambda2"]);
});

test.for<[string, string[], RegExp]>([
  [
    "a single group",
    ["--gating", "hierarchical:1"],
    /option groups of gating hierarchical must be an integer of at least 2/,
  ],
  [
    "atoms in place of groups",
    ["--gating", "hierarchical:2", "--start", "flat.json"],
    /--start flat.json: group\[0\] must be an object with a, b and a list of atoms/,
  ],
  [
    "an expert of no units",
    ["--expert", "ffn:tanh,width=0"],
    /option width of expert ffn must be an integer of at least 1/,
  ],
])("fit refuses %s with exit code 2", async ([, args, message]) => {
  writeFileSync(join(folder, "flat.json"), '[{"beta1": [0, 0], "beta0": 0, "a": [1, 1]}]');
  const expert = args.includes("--expert") ? [] : ["--expert", "ffn:tanh,no-bias"];
  const { code, err } = await command(folder, ...base, ...expert, "--atoms", "1", ...args);
  expect(err).toMatch(message);
  expect(code).toBe(2);
});
