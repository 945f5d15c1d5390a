import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { key, points, problems } from "../examples/read-and-plan.ts";

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), "utf8");

test("the README shows the example as it runs here, with the problems it prints", async () => {
  const readme = await read("../README.md");
  expect(readme).toContain(`\`\`\`ts\n${await read("../examples/read-and-plan.ts")}\`\`\``);
  expect(readme).toContain(`\`\`\`text\n${problems.join("\n")}\n\`\`\``);
});

test("the example plans two designs at five sizes", () => {
  expect(points.map(({ n, k }) => [k, n])).toEqual(
    [2, 3].flatMap((k) => [500, 1000, 2000, 4000, 8000].map((n) => [k, n])),
  );
  expect(key.slice(2)).toEqual(["common", 0, "inputs"]);
});
