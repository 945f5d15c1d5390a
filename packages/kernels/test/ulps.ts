/** Distance from a double to the next larger one in magnitude. */
export function ulpOf(x: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), -1022);
  return exponent === -1022 || Math.abs(x) < 2 ** exponent
    ? 2 ** Math.max(exponent - 53, -1074)
    : 2 ** (exponent - 52);
}

/** |got - (head + tail)| in ulps of head. `tail` of a subnormal head comes in units of 2^-1074. */
export function ulpsFrom(got: number, head: number, tail = 0): number {
  if (Object.is(got, head) && tail === 0) return 0;
  if (Number.isNaN(got) && Number.isNaN(head)) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(head)) return got === head ? 0 : Infinity;
  if (Math.abs(head) < 2 ** -1022) return Math.abs((got - head) / 2 ** -1074 - tail);
  return Math.abs((got - head - tail) / ulpOf(head));
}
