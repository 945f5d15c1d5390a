import { defineProject } from "vitest/config";
import { sourceConditions } from "../../tools/vitest-conditions.ts";

export default defineProject({
  ...sourceConditions,
  test: { name: "engine-tfjs", include: ["test/**/*.test.ts"] },
});
