/** Options of a logarithmic axis over a range: domain, label, marks and their texts. */
export function logAxis(label: string, low: number, high: number, ticks = logTicks(low, high)) {
  return {
    type: "log",
    domain: [low, high],
    label,
    labelAnchor: "center",
    labelArrow: "none",
    ticks,
    tickFormat: logTickText,
  } as const;
}

/** The logarithmic axis of sample sizes, a margin of 20 % beyond the ends: marks stand at the sizes themselves, at every second, third, ... of them
 *  where a mark would have less than an eighth of the axis to itself. */
export function sizeAxis(sizes: readonly number[]) {
  const own = [...new Set(sizes)].sort((a, b) => a - b);
  const [low, high] = [own[0] / 1.2, own[own.length - 1] * 1.2];
  const room = Math.log(high / low) / 8;
  const apart = (ticks: readonly number[]): boolean =>
    ticks.every((tick, index) => index === 0 || Math.log(tick / ticks[index - 1]) > room);
  const thinned = own
    .map((_, step) => own.filter((__, index) => index % (step + 1) === 0))
    .find((ticks) => apart(ticks) && ticks.length > 1);
  return logAxis("sample size n", low, high, thinned ?? logTicks(low, high));
}

/** Marks 1, 2 and 5 times powers of ten within a range of a logarithmic axis, or fewer where those are more than six. */
export function logTicks(low: number, high: number): number[] {
  const decades = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, index) => Math.floor(Math.log10(low)) + index,
  );
  const within = (factors: readonly number[], step: number): number[] =>
    decades
      .filter((decade) => decade % step === 0)
      .flatMap((decade) => factors.map((factor) => Number(`${factor}e${decade}`)))
      .filter((tick) => tick >= low && tick <= high);
  const choices = [within([1, 2, 5], 1), within([1, 3], 1), within([1], 1), within([1], 2), within([1], 3)];
  return choices.find((ticks) => ticks.length <= 6) ?? within([1], 5);
}

/** Text of a mark on a logarithmic axis, to three digits: 0.002, 5e-5, 20k, 1.78k, 1M. */
export function logTickText(value: number): string {
  if (value < 1e-3) return value.toExponential();
  const digits = (scaled: number): number => Number(scaled.toPrecision(3));
  if (value < 1e3) return String(digits(value));
  return value < 1e6 ? `${digits(value / 1e3)}k` : `${digits(value / 1e6)}M`;
}
