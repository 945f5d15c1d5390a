import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { table } from "../examples/rows-from-elsewhere.ts";
import type { LossRow } from "../src/index.ts";
import { emptyStore, fillLosses, query } from "./store.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = read("../README.md");

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp("```" + language + "\\n(.*?)```", "gs"))].map((match) => match[1]);
}

describe("the README", () => {
  it("shows the example that runs, and what it gives", () => {
    expect(blocks("ts")[0]).toBe(read("../examples/rows-from-elsewhere.ts"));
    expect(blocks("text")[0]).toBe(`${table}\n`);
  });

  it("shows SQL that runs on a store", async () => {
    const store = await emptyStore();
    const rows = [1000, 2000, 4000].flatMap((n) =>
      [0, 1, 2].map((replicate): LossRow => {
        const value = (replicate + 1) / n;
        return {
          design: "d",
          k: 2,
          n,
          replicate,
          certified: true,
          loss: "voronoi-d1",
          component: "total",
          value,
        };
      }),
    );
    await fillLosses(store, rows);
    const statements = blocks("sql").flatMap((block) =>
      block.split(";").filter((text) => text.trim() !== ""),
    );
    expect(statements.length).toBeGreaterThan(2);
    for (const statement of statements) expect(await query(store, statement)).not.toEqual([]);
  });
});
