import { describe, expect, test } from "vitest";
import {
  createModel,
  parseFamily,
  resolveFamily,
  shippedFamilies,
  withPlugin,
  type Families,
} from "../src/index.ts";

const { sigmoid } = shippedFamilies.gatings;
const { linear } = shippedFamilies.experts;
const { experts } = shippedFamilies;

describe("a plugin is refused when", () => {
  const gate = { ...sigmoid, name: "mine" };
  const head = { ...linear, name: "mine" };
  test.for<[string, unknown, RegExp]>([
    ["it is no object", null, /p\.mjs: a plugin is an object with gatings, experts or both, not null/],
    [
      "its families are a list",
      { experts: [head] },
      /p\.mjs: experts must be an object from names to families, not \[/,
    ],
    [
      "it takes a shipped name",
      { experts: { linear } },
      /p\.mjs: expert "linear" exists already; give yours another name/,
    ],
    [
      "a name has capitals",
      { experts: { Mine: { ...head, name: "Mine" } } },
      /expert "Mine" needs a name of a-z, 0-9 and \. _ -/,
    ],
    ["a name starts with a dash", { experts: { "-x": head } }, /expert "-x" needs a name/],
    [
      "a family is a function",
      { experts: { mine: () => head } },
      /expert "mine" must be a family object, not function/,
    ],
    [
      "a family carries another name",
      { experts: { mine: linear } },
      /expert "mine" must carry its own name, not "linear"/,
    ],
    [
      "it has no description",
      { experts: { mine: { ...head, description: undefined } } },
      /expert "mine" needs a description/,
    ],
    [
      "it cannot create",
      { experts: { mine: { ...head, create: 1 } } },
      /expert "mine" needs the function create/,
    ],
    [
      "it names no fields",
      { experts: { mine: { ...head, atomFields: undefined } } },
      /expert "mine" needs the function atomFields/,
    ],
    [
      "options are missing",
      { experts: { mine: { ...head, options: undefined } } },
      /expert "mine" needs options, an object that may be empty, not undefined/,
    ],
    [
      "the gauge is unknown",
      { gatings: { mine: { ...gate, gauge: "shift" } } },
      /gating "mine" has gauge "shift"; known: translation, intercept, none/,
    ],
    [
      "the gauge is missing",
      { gatings: { mine: { ...gate, gauge: undefined } } },
      /gating "mine" has gauge undefined; known/,
    ],
    [
      "an option has no known type",
      { experts: { mine: { ...head, options: { width: { type: "int", default: 1 } } } } },
      /has the option width, whose type "int" is none of string, number, integer, boolean/,
    ],
    [
      "a default breaks its own range",
      { experts: { mine: { ...head, options: { width: { type: "integer", minimum: 1, default: 0 } } } } },
      /whose default must be an integer of at least 1, not 0/,
    ],
    [
      "the main option does not exist",
      { experts: { mine: { ...head, mainOption: "size" } } },
      /has mainOption "size", which is not one of its options/,
    ],
  ])("%s", ([, plugin, message]) => {
    expect(() => withPlugin(shippedFamilies, plugin as Partial<Families>, "p.mjs")).toThrow(message);
  });

  test("and an object's inherited words are free names", () => {
    const merged = withPlugin(
      shippedFamilies,
      { experts: { constructor: { ...head, name: "constructor" } } },
      "p.mjs",
    );
    expect(Object.hasOwn(merged.experts, "constructor")).toBe(true);
  });
});

describe("resolving a family", () => {
  test("fills in defaults", () => {
    const { options } = resolveFamily("expert", experts, { family: "ffn", scale: true });
    expect(options).toEqual({ activation: "tanh", scale: true, bias: true, normalise: false, width: 1 });
  });

  test.for<[unknown, RegExp]>([
    ["lineer", /unknown expert "lineer"; known: linear, polynomial, ffn, constant; did you mean linear\?/],
    ["toString", /unknown expert "toString"/],
    [
      { family: "ffn", activaton: "tanh" },
      /unknown option of expert ffn: "activaton"; known: .*did you mean activation\?/,
    ],
    [
      { family: "ffn", activation: "tan" },
      /option activation of expert ffn must be one of relu, gelu, sigmoid, tanh, not "tan"; did you mean tanh\?/,
    ],
    [{ family: "ffn", bias: "no" }, /option bias of expert ffn must be true or false, not "no"/],
    [
      { family: "polynomial", degree: 2.5 },
      /option degree of expert polynomial must be an integer of at least 1 and at most 12, not 2\.5/,
    ],
    [{ family: "polynomial", degree: 0 }, /at least 1/],
    [{ family: "polynomial", degree: "3" }, /not "3"/],
    [{ family: "polynomial", degree: NaN }, /not NaN/],
  ])("%j is refused", ([spec, message]) => {
    expect(() => resolveFamily("expert", experts, spec as string)).toThrow(message);
  });
});

describe("the command-line form of a family", () => {
  test.for<[string, Record<string, unknown>]>([
    ["linear", { family: "linear" }],
    ["linear:no-bias", { family: "linear", bias: false }],
    ["polynomial:3", { family: "polynomial", degree: 3 }],
    ["polynomial:degree=3,scale", { family: "polynomial", degree: 3, scale: true }],
    ["ffn:tanh", { family: "ffn", activation: "tanh" }],
    ["ffn:tanh,no-bias", { family: "ffn", activation: "tanh", bias: false }],
    ["ffn:gelu,scale", { family: "ffn", activation: "gelu", scale: true }],
    ["ffn:relu,scale,normalise", { family: "ffn", activation: "relu", scale: true, normalise: true }],
    ["ffn:scale,relu", { family: "ffn", scale: true, activation: "relu" }],
    ["ffn:bias=false", { family: "ffn", bias: false }],
    ["ffn:tanh,width=4,scale", { family: "ffn", activation: "tanh", width: 4, scale: true }],
  ])("%s", ([text, spec]) => {
    expect(parseFamily(text, "expert")).toEqual(spec);
    expect(() =>
      createModel({ gating: "softmax", expert: parseFamily(text, "expert"), inputDim: 2, atoms: 2 }),
    ).not.toThrow();
  });

  test.for<[string, RegExp]>([
    ["fnn:tanh", /unknown expert "fnn"; .*did you mean ffn\?/],
    ["ffn:tanh,gelu", /expert ffn:tanh,gelu: "gelu"; known: activation, scale, bias, normalise/],
    ["linear:tanh", /expert linear:tanh: "tanh"; known: bias, normalise/],
    ["ffn:tanh,wdth=3", /unknown option of expert ffn: "wdth"; .*did you mean width\?/],
    [
      "ffn:tanh,width=0",
      /option width of expert ffn must be an integer of at least 1 and at most 256, not 0/,
    ],
    ["ffn:no-tanh", /option activation of expert ffn must be one of .*, not "no-tanh"/],
    ["ffn:", /option activation of expert ffn must be one of .*, not ""/],
  ])("%s is refused", ([text, message]) => {
    expect(() =>
      createModel({ gating: "softmax", expert: parseFamily(text, "expert"), inputDim: 2, atoms: 2 }),
    ).toThrow(message);
  });
});
