#!/usr/bin/env node
import { existsSync } from "node:fs";

const cli = new URL("../dist/cli.js", import.meta.url);
if (!existsSync(cli)) {
  process.stderr.write("moe-rates is not built yet: run `npm run setup` in the repository root first\n");
  process.exit(1);
}
await import(cli.href);
