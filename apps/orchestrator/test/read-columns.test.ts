import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readColumns } from "../src/fit-data/read-columns.ts";
import { openMemoryDatabase } from "../src/store/duckdb-instance.ts";
import { temporaryFolder } from "./support.ts";

const folder = temporaryFolder();

async function read(name: string, text: string, columns: string[]) {
  writeFileSync(join(folder, name), text);
  return readColumns(join(folder, name), columns, name);
}

test("columns come in the order asked for, column after column, exact to the last bit", async () => {
  const { rows, values } = await read(
    "a.csv",
    "y,x1,name,x2\n0.1, 1e-3 ,a,-2\n+.5,4.,b,12345678.123456789\n",
    ["x1", "x2", "y"],
  );
  expect(rows).toBe(2);
  expect([...values]).toEqual([1e-3, 4, -2, 12345678.123456789, 0.1, 0.5]);
});

test("tabs, semicolons, quotes and Windows line ends are read", async () => {
  expect([...(await read("a.tsv", "x\ty\n1\t2\n", ["x", "y"])).values]).toEqual([1, 2]);
  expect([...(await read("b.csv", "x;y\r\n1;2\r\n3;4\r\n", ["x", "y"])).values]).toEqual([1, 3, 2, 4]);
  expect([...(await read("c.csv", '"x","y"\n"1","2"\n', ["x", "y"])).values]).toEqual([1, 2]);
  expect([...(await read("d.csv", '"x, in ""cm""",y,y2,,\n1,2,,,\n', ['x, in "cm"', "y"])).values]).toEqual([
    1, 2,
  ]);
  expect([...(await read("e.csv", "x\r\n1\r\n2", ["x"])).values]).toEqual([1, 2]);
  expect([...(await read("f.csv", "\uFEFFx,y\n1,2\n", ["x", "y"])).values]).toEqual([1, 2]);
});

describe("a bad file is refused with its place", () => {
  const cases: [string, string, RegExp][] = [
    ["a missing cell", "x,y\n1,2\n3,\n", /line 3, column y: the cell is missing/],
    ["a word", "x,y\n1,2\nfour,4\n", /line 3, column x: "four" is not a number/],
    ["NA", "x,y\n1,NA\n", /line 2, column y: "NA" is not a number/],
    ["NaN", "x,y\n1,2\n1,NaN\n", /line 3, column y: NaN is not a finite number/],
    ["infinity", "x,y\n-inf,2\n", /line 2, column x: -inf is not a finite number/],
    ["an overflowing number", "x,y\n1e999,2\n", /line 2, column x: 1e999 is not a finite number/],
    ["hexadecimal", "x,y\n0x10,2\n", /line 2, column x: "0x10" is not a number/],
    ["the first of several", "x,y\n1,b\na,2\n", /line 2, column y/],
    ["a long line", "x,y\n1,2\n4,5,6\n", /line 3: 3 cells where the header has 2/],
    ["a repeated header", "x,y,x\n1,2,3\n", /line 1: the header holds column x twice/],
    ["a short line", "x,y,z\n1,2,3\n4,5\n", /line 3: 2 cells where the header has 3/],
    ["an unknown column", "x,yy\n1,2\n", /no column "y"; it has x, yy; did you mean yy\?/],
    ["a header alone", "x,y\n", /has no rows/],
    ["nothing", "", /has no header line/],
    ["a word below an empty line", "x,y\n1,2\n\n3,four\n", /data row 2, column y/],
  ];
  test.each(cases)("%s", async (_, text, message) => {
    await expect(read("bad.csv", text, ["x", "y"])).rejects.toThrow(message);
  });

  test("an unknown kind, no file, a folder, and a column named twice", async () => {
    await expect(read("a.xlsx", "", ["x"])).rejects.toThrow(
      /unknown kind of file; known: .csv, .tsv, .parquet/,
    );
    await expect(readColumns(join(folder, "no.csv"), ["x"], "no.csv")).rejects.toThrow(
      /no.csv: no such file/,
    );
    await expect(read("a.csv", "x\n1\n", ["x", "x"])).rejects.toThrow(/column x is named twice/);
  });
});

test("Parquet columns of every numeric type are read, others and empty cells refused by row", async () => {
  const path = join(folder, "a.parquet");
  const database = await openMemoryDatabase();
  await database.connection.run(
    `COPY (SELECT 1::TINYINT AS a, 2.5::FLOAT AS b, 1.25::DECIMAL(5,2) AS c, 'x' AS d, true AS e, NULL::DOUBLE AS f, 0.1::FLOAT AS g) TO '${path}'`,
  );
  database.close();
  expect([...(await readColumns(path, ["a", "b", "c", "g"], "a")).values]).toEqual([
    1,
    2.5,
    1.25,
    Math.fround(0.1),
  ]);
  await expect(readColumns(path, ["e"], "a.parquet")).rejects.toThrow(/column e holds BOOLEAN, not numbers/);
  await expect(readColumns(path, ["d"], "a.parquet")).rejects.toThrow(/row 1, column d: "x" is not a number/);
  await expect(readColumns(path, ["a", "f"], "a.parquet")).rejects.toThrow(
    /row 1, column f: the cell is missing/,
  );
});
