import type { OptionSpec } from "../command-line/options.ts";

/** Options of the verbs that talk to a queue, besides `--queue` itself. */
export const passwordOptions: readonly OptionSpec[] = [
  {
    flag: "password-file",
    value: "FILE",
    description: "file with the password of the --queue server (default: the variable REDIS_PASSWORD)",
  },
  {
    flag: "tls-ca",
    value: "FILE",
    description: "certificates (PEM) that a rediss:// server is checked against (default: those of Node)",
  },
];
