import { DuckDBDecimalValue, JsonDuckDBValueConverter } from "@duckdb/node-api";
import type { DuckDBValueConverter, Json } from "@duckdb/node-api";

/** Values as JSON: whole numbers of any width are numbers while they are exact (text beyond 2^53), decimals are numbers, NaN and
 *  infinities the texts "NaN", "Infinity", "-Infinity", times and the rest text. */
export const jsonValue: DuckDBValueConverter<Json> = (value, type, converter) => {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  return JsonDuckDBValueConverter(value, type, converter);
};
