import { defineProject } from "vitest/config";
import { readmeExamples } from "./readme-examples/readme-example-plugin.ts";
import { sourceConditions } from "./vitest-conditions.ts";

export default defineProject({
  ...sourceConditions,
  plugins: [readmeExamples()],
  test: { name: "tools", include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 120_000 },
});
