import { defineConfig } from "vitest/config";

const report = process.env["VITEST_JSON_REPORT"];

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "tools"],
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
});
