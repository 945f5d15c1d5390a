/** Median; the mean of the two middle values of an even number.
 *  @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** CPU seconds that this process has used, all its threads together: other work on the machine costs far less accuracy than in wall time. */
export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e-6;
}

/** Three significant digits, without an exponent: 0.0123, 4.56, 7,890.
 *  @param {number} value */
export function digits(value) {
  return Number.isFinite(value)
    ? Number(value.toPrecision(3)).toLocaleString("en-US", { maximumSignificantDigits: 3 })
    : String(value);
}

/** "2.5 (2.1 to 3.0)": median and range.
 *  @param {readonly number[]} values */
export function medianAndRange(values) {
  return `${digits(median(values))} (${digits(Math.min(...values))} to ${digits(Math.max(...values))})`;
}
