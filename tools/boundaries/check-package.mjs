import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { importCycles } from "./import-cycles.mjs";
import { importableFrom } from "./layers.mjs";
import { moduleReferences } from "./module-references.mjs";

/** @typedef {import("./workspace-packages.mjs").Package} Package
 *  @typedef {import("./module-references.mjs").ModuleImport} ModuleImport */

/** Every rule a package breaks, one sentence each, starting with `file:line`.
 *  @param {Package} one @param {Package[]} all @param {string[]} rootTools dependencies that any test may use
 *  @returns {string[]} */
export function packageViolations(one, all, rootTools) {
  const allowed = importableFrom(one.folder);
  if (!allowed) return [`${one.folder}: has no place in tools/boundaries/layers.mjs`];
  /** @type {string[]} */
  const violations = [];
  /** @type {Map<string, string[]>} */
  const edges = new Map();
  const used = new Set();
  const byName = new Map(all.map((other) => [other.manifest.name, other]));
  const shippedNames = declaredNames(one, ["dependencies", "peerDependencies", "optionalDependencies"]);
  const testNames = [...shippedNames, ...declaredNames(one, ["devDependencies"]), ...rootTools];

  for (const file of one.files) {
    const references = moduleReferences(file.path, readFileSync(join(one.directory, file.path), "utf8"));
    /** @param {number} line @param {string} message */
    const report = (line, message) => violations.push(`${one.folder}/${file.path}:${line}: ${message}`);

    if (file.shipped) {
      for (const { what, line } of references.randomSources) {
        if (one.published || what === "Math.random")
          report(line, `${what} is no keyed stream: use stream() of @moe-rates/math`);
      }
      edges.set(file.path, valueImportsWithin(file.path, references.imports));
    }
    for (const imported of references.imports) {
      const problem = isRelative(imported.specifier)
        ? relativeProblem(one, file, imported.specifier)
        : packageProblem(imported.specifier, file.shipped);
      if (problem) report(imported.line, problem);
    }
  }
  for (const cycle of importCycles(edges))
    violations.push(`${one.folder}: import cycle ${cycle.join(" -> ")}`);
  for (const name of shippedNames) {
    const other = byName.get(name);
    if (other && !allowed.includes(other.folder))
      violations.push(`${one.folder}/package.json: may not depend on ${name}`);
    else if (!used.has(name))
      violations.push(`${one.folder}/package.json: depends on ${name} but never imports it`);
  }
  return violations;

  /** @param {string} specifier @param {boolean} shipped @returns {string | null} */
  function packageProblem(specifier, shipped) {
    if (specifier.startsWith("node:") || builtinModules.includes(specifier)) {
      return one.published && shipped ? `${specifier} is Node only: packages run in browsers too` : null;
    }
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    if (shipped) used.add(name);
    const other = byName.get(name);
    if (other === one) return shipped ? "imports its own package by name" : null;
    if (other && !allowed?.includes(other.folder)) return `${one.folder} may not import ${name}`;
    if (other && !exportsSubpath(other, `.${specifier.slice(name.length)}`))
      return `${specifier} is not exported by ${name}`;
    if (name === "seedrandom" && shipped && one.folder !== "math") {
      return "seedrandom is used through stream() of @moe-rates/math only";
    }
    const declared = shipped ? shippedNames : testNames;
    return declared.includes(name) || declared.includes(typesOf(name))
      ? null
      : `${name} is not in the package's dependencies`;
  }
}

/** @param {string} name */
const typesOf = (name) => `@types/${name.replace(/^@(.+)\//, "$1__")}`;

/** @param {string} specifier */
const isRelative = (specifier) => specifier.startsWith(".") || specifier.startsWith("/");

/** @param {Package} one @param {(keyof import("./workspace-packages.mjs").Manifest)[]} fields */
const declaredNames = (one, fields) => fields.flatMap((field) => Object.keys(one.manifest[field] ?? {}));

/** @param {Package} one @param {import("./workspace-packages.mjs").SourceFile} file @param {string} specifier */
function relativeProblem(one, file, specifier) {
  const target = relative(one.directory, join(one.directory, dirname(file.path), specifier));
  if (target.startsWith("..")) return `${specifier} leaves the package: import packages by name`;
  if (file.shipped && !target.startsWith(`src${sep}`))
    return `${specifier} leaves src, which is all that is built`;
  return null;
}

/** Type-only imports are erased, so they cannot make a cycle that matters when modules are evaluated.
 *  @param {string} path @param {ModuleImport[]} imports */
function valueImportsWithin(path, imports) {
  return imports
    .filter(({ specifier, typeOnly }) => isRelative(specifier) && !typeOnly)
    .map(({ specifier }) => join(dirname(path), specifier));
}

/** @param {Package} other @param {string} subpath "." or "./name" */
function exportsSubpath(other, subpath) {
  const { exports } = other.manifest;
  return typeof exports === "object" ? Object.hasOwn(exports, subpath) : subpath === ".";
}
