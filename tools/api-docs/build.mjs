// The API documentation of every package as one site without network access:  node tools/api-docs/build.mjs [build/api]

import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Application } from "typedoc";
import { workspacePackages } from "../boundaries/workspace-packages.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const out = resolve(process.argv[2] ?? join(root, "build", "api"));

const application = await Application.bootstrapWithPlugins({
  name: "moe-rates",
  entryPointStrategy: "packages",
  entryPoints: workspacePackages(root)
    .filter(({ published }) => published)
    .map(({ directory }) => directory),
  packageOptions: {
    entryPoints: ["src/index.ts"],
    excludeInternal: true,
    readme: "README.md",
    validation: { notExported: false, invalidLink: true, notDocumented: false },
  },
  readme: join(root, "README.md"),
  disableGit: true,
  disableSources: true,
  hideGenerator: true,
  highlightLanguages: ["ts", "js", "json", "yaml", "sql", "console", "bash", "python"],
});
const project = await application.convert();
if (project !== undefined) await application.generateDocs(project, out);
process.exitCode =
  project === undefined || application.logger.hasErrors() || application.logger.hasWarnings() ? 1 : 0;
