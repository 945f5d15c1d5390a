const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A whole number with thousands separated: 16,000. */
export function wholeNumber(value: number): string {
  return grouped.format(value);
}

/** A number to four significant digits, in scientific notation below 0.001 and from 100,000 on; "-" where there is none. */
export function shortNumber(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "-";
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size < 1e-3 || size >= 1e5 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

/** A slope with a real minus sign and three decimals; "-" where there is none. */
export function slopeNumber(value: number | null): string {
  return value === null ? "-" : value.toFixed(3).replace("-", "−");
}

/** A share as a percentage, rounded towards zero so that 100 % is every one; "-" without a base. */
export function percent(share: number | null): string {
  if (share === null) return "-";
  return share === 1 ? "100 %" : `${(Math.floor(1000 * share) / 10).toFixed(1)} %`;
}
