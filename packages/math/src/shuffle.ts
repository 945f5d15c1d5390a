import type { Stream } from "./stream.ts";

/** Puts a list into a random order, in place, every order being equally likely (Fisher and Yates): length - 1 draws of `integer`, from the last place
 *  to the second. Returns the list. */
export function shuffle<List extends { readonly length: number; [index: number]: unknown }>(
  list: List,
  random: Stream,
): List {
  for (let i = list.length - 1; i > 0; i--) {
    const other = random.integer(i + 1);
    [list[i], list[other]] = [list[other], list[i]];
  }
  return list;
}
