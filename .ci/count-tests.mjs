import { readFileSync } from "node:fs";

/** Prints "passed failed skipped" of a vitest JSON report. A file that fails outside its tests counts as one failure, and a
 *  run that failed (second argument: exit code) never counts as free of failures. */
const [file = "", exitCode = "0"] = process.argv.slice(2);
const report = JSON.parse(readFileSync(file, "utf8"));
const brokenFiles = report.testResults.filter(
  (/** @type {any} */ one) =>
    one.status === "failed" &&
    !one.assertionResults.some((/** @type {any} */ test) => test.status === "failed"),
).length;
const failed = report.numFailedTests + brokenFiles;
const skipped = report.numPendingTests + report.numTodoTests;
process.stdout.write(
  `${report.numPassedTests} ${exitCode !== "0" ? Math.max(failed, 1) : failed} ${skipped}\n`,
);
