import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("a pool that is closed while its threads load their module ends, and the process goes on", () => {
  const closeEarly = fileURLToPath(new URL("fixtures/close-early.mjs", import.meta.url));
  expect(execFileSync(process.execPath, [closeEarly, "100"], { encoding: "utf8" })).toBe(
    "100 pools closed\n",
  );
});
