import { shippedFamilies as families } from "@moe-rates/mixture";
import { expect, test } from "vitest";
import { parseStudy, starterStudy } from "../src/index.ts";

test("the starter study is valid with the shipped families and raises no warning", () => {
  const parsed = parseStudy(starterStudy({ name: "first", schema: "./study.schema.json" }), {
    fileName: "first.yaml",
    families,
  });
  expect(parsed).toMatchObject({
    ok: true,
    warnings: [],
    study: { name: "first", sampleSizes: [500, 1000, 2000, 4000, 8000] },
  });
});
