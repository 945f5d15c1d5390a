import { linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { InputError, messageOf } from "./input-error.ts";

/** A name beside `file` for writing it: same folder, so that the final rename is atomic. */
export function temporaryName(file: string): string {
  return join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
}

/** Writes a text file through a temporary name. An existing file is refused unless `force`. Throws InputError. */
export function writeNewFile(file: string, text: string, force: boolean): void {
  const temporary = temporaryName(file);
  try {
    writeFileSync(temporary, text, { flag: "wx" });
    if (force) renameSync(temporary, file);
    else linkSync(temporary, file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EEXIST") throw new InputError(`${file} exists already; --force replaces it`);
    throw new InputError(`${file} cannot be written: ${messageOf(error)}`);
  } finally {
    rmSync(temporary, { force: true });
  }
}
