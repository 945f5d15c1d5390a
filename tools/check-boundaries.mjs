#!/usr/bin/env node
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageViolations } from "./boundaries/check-package.mjs";
import { readManifest, workspacePackages } from "./boundaries/workspace-packages.mjs";

const root = resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url)));
const packages = workspacePackages(root);
const rootTools = Object.keys(readManifest(root).devDependencies ?? {});
const violations = packages.flatMap((one) => packageViolations(one, packages, rootTools));

for (const violation of violations) process.stderr.write(`${violation}\n`);
const files = packages.reduce((sum, one) => sum + one.files.length, 0);
process.stdout.write(
  `boundaries: ${packages.length} packages, ${files} files, ${violations.length} violations\n`,
);
process.exitCode = violations.length > 0 ? 1 : 0;
