import { studySchema } from "@moe-rates/study";
import type { Verb } from "../command-line/verb.ts";
import { loadPlugins } from "../load-plugins.ts";
import { writeLine } from "../terminal.ts";

/** `moe-rates schema`. */
export const schema: Verb = {
  name: "schema",
  summary: "print the JSON Schema of study files, for editors",
  details: "With --plugin the schema knows the families of the plugin too.",
  positionals: [],
  options: [],
  examples: [
    {
      command: "moe-rates schema > study.schema.json",
      does: "then begin a study with: # yaml-language-server: $schema=study.schema.json",
    },
  ],
  async run(terminal, given) {
    const { families } = await loadPlugins(given.list("plugin"), terminal.cwd);
    await writeLine(terminal.stdout, JSON.stringify(studySchema(families), null, 2));
    return 0;
  },
};
