import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readColumns } from "../src/fit-data/read-columns.ts";
import { command, fakeRun, temporaryFolder, writeStudy } from "./support.ts";

const folder = temporaryFolder();
const file = join(folder, "a.duckdb");

beforeAll(async () => {
  await fakeRun(writeStudy(folder), file, 2, {});
});

test("Parquet and CSV hold the same losses as the file", async () => {
  for (const format of ["parquet", "csv"]) {
    const { code, out } = await command(
      folder,
      "export",
      file,
      `--${format}`,
      join(folder, format),
      "--json",
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toContainEqual({ table: "losses", file: `losses.${format}`, rows: 64 });
  }
  const shown = (format: string) =>
    readColumns(join(folder, format, `losses.${format}`), ["value"], "losses");
  const [parquet, csv] = [await shown("parquet"), await shown("csv")];
  expect(csv.rows).toBe(64);
  expect(csv.values).toEqual(parquet.values);
});

test("an earlier export is replaced, a foreign file only with --force", async () => {
  const target = join(folder, "again");
  expect((await command(folder, "export", file, "--csv", target)).code).toBe(0);
  expect((await command(folder, "export", file, "--parquet", target)).code).toBe(0);
  expect((await command(folder, "export", file, "--csv", target)).code).toBe(0);
  const other = temporaryFolder();
  writeFileSync(join(other, "losses.csv"), "mine");
  const { code, err } = await command(folder, "export", file, "--csv", other);
  expect(code).toBe(2);
  expect(err).toMatch(/holds losses.csv, which no export of moe-rates wrote; --force replaces them/);
  expect(readdirSync(other)).toEqual(["losses.csv"]);
  expect((await command(folder, "export", file, "--csv", other, "--force")).code).toBe(0);
  expect(readFileSync(join(other, "losses.csv"), "utf8")).toMatch(
    /^design_point,replicate,loss,component,value\n/,
  );
});

test("a target that is a file, and both formats at once, are refused", async () => {
  expect((await command(folder, "export", file, "--csv", file)).err).toMatch(/cannot be used as a folder/);
  expect((await command(folder, "export", file, "--csv", "x", "--parquet", "y")).code).toBe(2);
});
