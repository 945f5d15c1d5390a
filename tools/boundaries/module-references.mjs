import { parseSync, Visitor } from "oxc-parser";

/** @typedef {{ specifier: string, line: number, typeOnly: boolean }} ModuleImport
 *  @typedef {{ what: string, line: number }} RandomSource
 *  @typedef {{ imports: ModuleImport[], randomSources: RandomSource[] }} ModuleReferences */

const cryptoSources = new Set([
  "getRandomValues",
  "randomBytes",
  "randomFillSync",
  "randomInt",
  "randomUUID",
]);

/** Every module a file names (import, export from, dynamic import, import type) and every random source that is no keyed stream.
 *  @param {string} fileName @param {string} text
 *  @returns {ModuleReferences}
 *  @throws {SyntaxError} when the file does not parse */
export function moduleReferences(fileName, text) {
  const { program, errors } = parseSync(fileName, text);
  if (errors[0]) throw new SyntaxError(`${fileName}: ${errors[0].message}`);
  /** @type {ModuleReferences} */
  const found = { imports: [], randomSources: [] };
  const lineOf = (/** @type {number} */ offset) => text.slice(0, offset).split("\n").length;

  /** @param {any} source @param {number} start @param {boolean} typeOnly */
  const addImport = (source, start, typeOnly) => {
    if (typeof source?.value !== "string") return;
    found.imports.push({ specifier: source.value, line: lineOf(start), typeOnly });
  };
  /** @param {string} what @param {number} start */
  const addRandom = (what, start) => found.randomSources.push({ what, line: lineOf(start) });

  new Visitor({
    ImportDeclaration: (node) => addImport(node.source, node.start, isTypeOnly(node, node.importKind)),
    ExportNamedDeclaration: (node) => addImport(node.source, node.start, isTypeOnly(node, node.exportKind)),
    ExportAllDeclaration: (node) => addImport(node.source, node.start, node.exportKind === "type"),
    ImportExpression: (node) => addImport(node.source, node.start, false),
    TSImportType: (node) => addImport(node.source, node.start, true),
    MemberExpression: (node) => {
      const name = propertyName(node);
      if (name === "random" && lastName(node.object) === "Math") addRandom("Math.random", node.start);
    },
    VariableDeclarator: (node) => {
      if (node.id.type !== "ObjectPattern" || lastName(node.init) !== "Math") return;
      if (node.id.properties.some((property) => lastName(/** @type {any} */ (property).key) === "random")) {
        addRandom("Math.random", node.start);
      }
    },
    Identifier: (node) => {
      if (cryptoSources.has(node.name)) addRandom(node.name, node.start);
    },
  }).visit(program);
  return found;
}

/** @param {any} node @param {string | null | undefined} kind */
function isTypeOnly(node, kind) {
  if (kind === "type") return true;
  const kinds = node.specifiers.map((/** @type {any} */ one) => one.importKind ?? one.exportKind);
  return kinds.length > 0 && kinds.every((/** @type {string} */ one) => one === "type");
}

/** @param {any} member */
const propertyName = (member) => (member.computed ? member.property.value : member.property.name);

/** @param {any} node the `Math` of `Math` and of `globalThis.Math` */
function lastName(node) {
  return node?.type === "MemberExpression" ? propertyName(node) : node?.name;
}
