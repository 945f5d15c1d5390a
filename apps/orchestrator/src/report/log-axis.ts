/** Options of a logarithmic axis over a range: domain, label, marks and their texts. */
export function logAxis(label: string, low: number, high: number) {
  return {
    type: "log",
    domain: [low, high],
    label,
    labelAnchor: "center",
    labelArrow: "none",
    ticks: logTicks(low, high),
    tickFormat: logTickText,
  } as const;
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

/** Text of a mark on a logarithmic axis: 0.002, 5e-5, 20k, 1M. */
export function logTickText(value: number): string {
  if (value < 1e-3) return value.toExponential();
  if (value < 1e3) return String(value);
  return value < 1e6 ? `${value / 1e3}k` : `${value / 1e6}M`;
}
