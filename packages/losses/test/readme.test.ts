import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

describe("the README", () => {
  it("shows the example as it is", () => {
    expect(read("../README.md")).toContain(`\`\`\`ts\n${read("../examples/compare-two-fits.ts")}\`\`\`\n`);
  });

  it("has an example that gives what its comments say", async () => {
    const { loss, distance } = await import("../examples/compare-two-fits.ts");
    expect(loss.cellSizes).toEqual([2, 1]);
    expect(Array.from(loss.cells)).toEqual([0, 0, 1]);
    for (const component of loss.shift.t1) expect(component).toBeCloseTo(-5, 9);
    expect(loss.total).toBeCloseTo(Math.exp(0.4) * 0.01, 9);
    expect(loss.components["over-expert-rms"]).toBeCloseTo(0.1, 9);
    expect(loss.components["over-expert-mean"]).toBeCloseTo(0, 9);
    expect(distance).toBeGreaterThan(1e-4);
    expect(distance).toBeLessThan(0.1);
  });
});
