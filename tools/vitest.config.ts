import { defineProject } from "vitest/config";
import { readmeExamples } from "./readme-examples/readme-example-plugin.ts";
import { patience, sourceConditions } from "./vitest-conditions.ts";

export default defineProject({
  ...sourceConditions,
  plugins: [readmeExamples()],
  test: { ...patience, name: "tools", include: ["test/**/*.test.ts"] },
});
