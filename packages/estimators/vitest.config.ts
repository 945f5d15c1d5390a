import { defineProject } from "vitest/config";
import { patience, sourceConditions } from "../../tools/vitest-conditions.ts";

export default defineProject({
  ...sourceConditions,
  test: { ...patience, name: "estimators", include: ["test/**/*.test.ts"] },
});
