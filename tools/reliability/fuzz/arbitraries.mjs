/** Random bad input: edits of texts, changed values, flipped bytes, words of a command line, fragments of SQL. */
import fc from "fast-check";

const syntax = [
  " ",
  "\n",
  "\r\n",
  "\t",
  ": ",
  "- ",
  "&a ",
  "!!str ",
  "!!binary ",
  "? ",
  "---\n",
  "%YAML 1.1\n",
  "",
];
const signs = ": [ ] { } , ; *a # ' \" | > ~ <<".split(" ");
const numbers =
  "null true yes inf nan .nan -.inf NaN 1e999 -1 -0 0 1e3 1e9 1e-320 0x1f 9007199254740993".split(" ");
const words =
  "softmax sigmoid polynomial covariates mixed family random near-truth __proto__ constructor toString ../x.csv /etc/passwd $(id) %s%n é".split(
    " ",
  );
const bytes = ["\u0000", "\ud800", "\ufeff", "\u001b[31m", "\u2028"];
const long = ["x".repeat(5000), "[".repeat(500), "- ".repeat(300)];

/** What breaks parsers: YAML and CSV syntax, numbers at the edge, words of other places, bytes that are no text. */
export const snippets = fc.constantFrom(...syntax, ...signs, ...numbers, ...words, ...bytes, ...long);

/** Up to four edits of a text: some characters out, a snippet in. @param {string} text */
export function editedText(text) {
  const edit = fc.record({
    at: fc.nat(text.length),
    remove: fc.oneof(fc.nat(12), fc.nat(200)),
    insert: snippets,
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 4, size: "-1" })
    .map((edits) =>
      edits.reduce((now, { at, remove, insert }) => now.slice(0, at) + insert + now.slice(at + remove), text),
    );
}

/** Any small value, odd numbers and words first. */
export const anyValue = fc.oneof(
  { weight: 3, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.integer({ min: -3, max: 2000 }) },
  { weight: 2, arbitrary: fc.constantFrom(1e6, 1e9, 1e15, 2 ** 53, 5e-324, -0, 1e308, 0.1) },
  snippets,
  fc.constantFrom(null, true, "linear", "k-means", "normal", "sphere", {}, []),
  fc.array(fc.oneof(fc.double(), fc.integer({ min: 0, max: 9 })), { maxLength: 4 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Up to three values of a tree replaced, removed or added. @param {unknown} tree */
export function changedTree(tree) {
  const change = fc.record({
    place: fc.nat(),
    how: fc.constantFrom("replace", "remove", "add", "copy"),
    key: fc.string(),
    value: anyValue,
  });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const copy = structuredClone(tree);
    for (const { place, how, key, value } of changes) {
      const slots = [...slotsOf(copy)];
      if (slots.length === 0) break;
      const [owner, name] = /** @type {[any, string]} */ (slots[place % slots.length]);
      const [other, from] = /** @type {[any, string]} */ (slots[(place >> 5) % slots.length]);
      if (how === "remove" && Array.isArray(owner)) owner.splice(Number(name), 1);
      else if (how === "remove") delete owner[name];
      else if (how === "copy") owner[name] = structuredClone(other[from]);
      else if (how === "add" && !Array.isArray(owner)) owner[key] = value;
      else owner[name] = value;
    }
    return copy;
  });
}

/** Up to three numbers of a tree multiplied by something large, small or negative: studies at the edge of what is allowed. @param {unknown} tree */
export function scaledNumbers(tree) {
  const factor = fc.constantFrom(0, -1, 0.5, 2, 1e-9, 1e-3, 10, 1e3, 1e5, 1e6);
  return fc.array(fc.tuple(fc.nat(), factor), { minLength: 1, maxLength: 3 }).map((changes) => {
    const copy = structuredClone(tree);
    const slots = [...slotsOf(copy)].filter(
      ([owner, name]) => typeof (/** @type {any} */ (owner)[name]) === "number",
    );
    for (const [place, by] of changes) {
      const [owner, name] = /** @type {[any, string]} */ (slots[place % slots.length]);
      owner[name] *= by;
    }
    return copy;
  });
}

/** Every place of a value inside lists and mappings. @param {unknown} value @returns {Generator<[object, string]>} */
function* slotsOf(value) {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    yield [value, key];
    yield* slotsOf(/** @type {Record<string, unknown>} */ (value)[key]);
  }
}

/** Bytes with some flipped, overwritten, cut off or inserted. @param {Buffer} bytes */
export function brokenBytes(bytes) {
  const at = fc.oneof(
    fc.nat(bytes.length - 1),
    fc.nat(Math.min(4096, bytes.length) - 1),
    fc.nat(511).map((back) => Math.max(0, bytes.length - 1 - back)),
  );
  const edit = fc.oneof(
    fc.record({
      how: fc.constant(/** @type {const} */ ("flip")),
      at,
      with: fc.integer({ min: 1, max: 255 }),
    }),
    fc.record({ how: fc.constant(/** @type {const} */ ("zero")), at, with: fc.constantFrom(1, 8, 64, 4096) }),
    fc.record({ how: fc.constant(/** @type {const} */ ("cut")), at, with: fc.constant(0) }),
    fc.record({ how: fc.constant(/** @type {const} */ ("fill")), at, with: fc.constantFrom(4, 8, 16) }),
  );
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => {
    let now = Buffer.from(bytes);
    for (const { how, at: place, with: amount } of edits) {
      const here = Math.min(place, now.length);
      if (how === "flip" && here < now.length) now[here] = (now[here] ?? 0) ^ amount;
      else if (how === "zero") now.fill(0, here, Math.min(now.length, here + amount));
      else if (how === "fill") now.fill(0xff, here, Math.min(now.length, here + amount));
      else if (how === "cut") now = now.subarray(0, here);
    }
    return now;
  });
}

const sqlWords =
  "SELECT * FROM losses replicates rates WHERE ORDER BY 1 count(*) ( ) , = 'a' JOIN UNION value n NULL CAST( ; -- /* */ ' \" $1 DESCRIBE EXPLAIN PIVOT é".split(
    " ",
  );
const sqlPhrases =
  "GROUP BY ALL|USING (design_point)|WITH x AS (SELECT 1)|LIMIT 3|AS DOUBLE)|median(value)|INSERT INTO|DROP TABLE|COPY|ATTACH 'x.duckdb'|read_csv('/etc/passwd')|force_checkpoint()|SET threads = 1|PRAGMA database_list|getenv('HOME')".split(
    "|",
  );

/** Fragments of SQL in any order: mostly nonsense, some of it valid, none of it allowed to write or to look elsewhere. */
export const anySql = fc.oneof(
  fc
    .array(fc.constantFrom(...sqlWords, ...sqlPhrases, "\u0000", "x".repeat(3000)), {
      minLength: 1,
      maxLength: 12,
    })
    .map((fragments) => fragments.join(" ")),
  editedText(
    "SELECT k, n, median(value) FROM losses JOIN design_points USING (design_point) WHERE loss = 'voronoi-d1' GROUP BY ALL ORDER BY ALL",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
);
