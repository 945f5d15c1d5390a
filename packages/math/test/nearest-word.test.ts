import { describe, expect, it } from "vitest";
import { nearestWord } from "../src/index.ts";

const gatings = ["softmax", "sigmoid", "top-k", "hierarchical", "dense-to-sparse"];

describe("nearestWord", () => {
  it.each([
    ["sofmax", "softmax"],
    ["Softmax", "softmax"],
    ["sotfmax", "softmax"],
    ["sigmiod", "sigmoid"],
    ["topk", "top-k"],
    ["hierarchic", "hierarchical"],
    ["dense", "dense-to-sparse"],
  ])("takes %s for %s", (word, meant) => expect(nearestWord(word, gatings)).toBe(meant));

  it("stays silent when nothing is near", () => {
    expect(nearestWord("gelu", gatings)).toBeUndefined();
    expect(nearestWord("", gatings)).toBeUndefined();
    expect(nearestWord("x", ["y"])).toBeUndefined();
    expect(nearestWord("word", [])).toBeUndefined();
  });
  it("takes the first of equally near words", () => expect(nearestWord("bat", ["cat", "rat"])).toBe("cat"));
});
