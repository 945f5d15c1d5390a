import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const report = process.env["VITEST_JSON_REPORT"];
/** Files at once: tests start processes and threads of their own. A machine may also have far more cores than this job may use. */
const most = 4;

export default defineConfig({
  test: {
    maxWorkers: Math.min(most, availableParallelism()),
    projects: ["packages/*", "apps/*", "tools"],
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
});
