/** A word as a shell reads it back: as it is where nothing in it means something to a shell, in single quotes otherwise. */
export function shellWord(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
