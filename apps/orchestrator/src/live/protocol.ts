import type { Json } from "@duckdb/node-api";

/** What a verb asks a running process: one line of JSON. */
export type LiveRequest = { readonly verb: "status" } | { readonly verb: "query"; readonly sql: string };

/** What it answers: lines of JSON. A query answers with columns, any number of rows, and end; status with one status line; either with an error. */
export type LiveReply =
  | { readonly status: Json }
  | { readonly columns: readonly string[] }
  | { readonly rows: readonly (readonly Json[])[] }
  | { readonly end: true }
  | { readonly error: string; readonly exitCode: number };

/** Longest request line in bytes. */
export const longestRequest = 1_000_000;
