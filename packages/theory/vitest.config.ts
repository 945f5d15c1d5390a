import { defineProject } from "vitest/config";
import { sourceConditions } from "../../tools/vitest-conditions.ts";

export default defineProject({
  ...sourceConditions,
  test: { name: "theory", include: ["test/**/*.test.ts"], testTimeout: 60_000 },
});
