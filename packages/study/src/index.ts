export type * from "./families.ts";
export type * from "./types.ts";
