import { nearestWord } from "@moe-rates/math";

/** `; did you mean X?` for the nearest candidate, or nothing when none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const nearest = nearestWord(word, candidates);
  return nearest === undefined || nearest === null ? "" : `; did you mean ${nearest}?`;
}
