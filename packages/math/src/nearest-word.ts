/**
 * The candidate nearest to `word`, for "did you mean": the smallest number of insertions, deletions, replacements and swaps of neighbours, letter case
 * aside, and the first of equals. Undefined when even that needs more than a third of the longer word (at least 1, or 2 from five letters on),
 * unless one candidate alone begins with the word.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let nearest: string | undefined;
  let smallest = Infinity;
  const completions: string[] = [];
  for (const candidate of candidates) {
    const text = candidate.toLowerCase();
    const distance = editDistance(wanted, text);
    const longer = Math.max(wanted.length, text.length);
    const allowed = Math.max(longer >= 5 ? 2 : 1, Math.floor(longer / 3));
    if (distance < smallest && distance <= allowed && distance < longer) {
      smallest = distance;
      nearest = candidate;
    }
    if (wanted.length >= 2 && text.startsWith(wanted)) completions.push(candidate);
  }
  return nearest ?? (completions.length === 1 ? completions[0] : undefined);
}

/** Optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(replaced, previous[j] + 1, current[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        current[j] = Math.min(current[j], beforePrevious[j - 2] + 1);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length];
}
