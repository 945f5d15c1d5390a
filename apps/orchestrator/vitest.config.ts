import { defineProject } from "vitest/config";
import { sourceConditions } from "../../tools/vitest-conditions.ts";

export default defineProject({
  ...sourceConditions,
  test: { name: "orchestrator", include: ["test/**/*.test.ts"], testTimeout: 30_000 },
});
