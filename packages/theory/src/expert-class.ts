import type { FamilySpec } from "@moe-rates/mixture";

/** Classes of experts between which the theory distinguishes. `other`: not covered by a published statement (a plugin, say). */
export type ExpertClass =
  | "strongly-identifiable"
  | "linear"
  | "polynomial"
  | "scaled"
  | "relu"
  | "input-free"
  | "other";

/** What the classes mean, for people. */
export const expertClassNames: Readonly<Record<ExpertClass, string>> = {
  "strongly-identifiable": "tanh, sigmoid or GELU of an affine map",
  linear: "linear",
  polynomial: "polynomial of degree two or more",
  scaled: "output scale times another expert",
  relu: "ReLU of an affine map",
  "input-free": "constant in x",
  other: "not covered",
};

const stronglyIdentifiable = new Set(["tanh", "sigmoid", "gelu"]);
const shipped = new Set(["linear", "polynomial", "ffn", "input-free", "constant"]);

/** Class of an expert as studies name it, from its family and options alone. */
export function expertClassOf(spec: FamilySpec): ExpertClass {
  const { family, ...options } = typeof spec === "string" ? { family: spec } : spec;
  const given: Record<string, unknown> = options;
  if (!shipped.has(family)) return "other";
  if (family === "input-free" || family === "constant") return "input-free";
  if (given["scale"] === true) return "scaled";
  if (family === "linear") return "linear";
  if (family === "polynomial") return given["degree"] === 1 ? "linear" : "polynomial";
  if (given["width"] !== undefined && given["width"] !== 1) return "other";
  const activation = String(given["activation"] ?? "tanh");
  if (stronglyIdentifiable.has(activation)) return "strongly-identifiable";
  if (activation === "linear") return "linear";
  return activation === "relu" ? "relu" : "other";
}
