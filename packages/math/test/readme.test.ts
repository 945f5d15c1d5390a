import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

describe("the README", () => {
  it("shows the example as it is", () => {
    expect(read("../README.md")).toContain(`\`\`\`ts\n${read("../examples/antithetic-mean.ts")}\`\`\`\n`);
  });
  it("has an example whose interval covers exp(1/2)", async () => {
    const { interval } = await import("../examples/antithetic-mean.ts");
    expect(interval[0]).toBeLessThan(Math.exp(0.5));
    expect(interval[1]).toBeGreaterThan(Math.exp(0.5));
    expect(interval[1] - interval[0]).toBeLessThan(0.15);
  });
});
