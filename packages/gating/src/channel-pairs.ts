/** Pairs a <= b of `count` channels. */
export function upperPairs(count: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let a = 0; a < count; a++) for (let b = a; b < count; b++) pairs.push([a, b]);
  return pairs;
}

/** Pairs (a, j) of `rows` channels and `columns` atoms. */
export function allPairs(rows: number, columns = rows): [number, number][] {
  const pairs: [number, number][] = [];
  for (let a = 0; a < rows; a++) for (let j = 0; j < columns; j++) pairs.push([a, j]);
  return pairs;
}
