import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vitest/config";
import { firstExample, withClaims } from "./example-claims.ts";

const packages = fileURLToPath(new URL("../../packages", import.meta.url));
const request = /\/packages\/([^/]+)\/README\.md\?example$/;
const virtualModule = /\/packages\/[^/]+\/README\.example\.ts$/;

/** Makes `packages/NAME/README.md?example` a module: the first example of that README with its claims exported. In it,
 *  `@moe-rates/NAME` is the source of that package, so that a README may import its own package by name. */
export function readmeExamples(): Plugin {
  return {
    name: "readme-examples",
    enforce: "pre",
    resolveId(source, importer) {
      const folder = request.exec(source)?.[1];
      if (folder) return join(packages, folder, "README.example.ts");
      if (!importer || !virtualModule.test(importer)) return null;
      const entry = join(packages, source.replace("@moe-rates/", ""), "src", "index.ts");
      return source.startsWith("@moe-rates/") && existsSync(entry) ? entry : null;
    },
    load(id) {
      if (!virtualModule.test(id)) return null;
      return withClaims(firstExample(readFileSync(id.replace(".example.ts", ".md"), "utf8")) ?? "");
    },
  };
}
