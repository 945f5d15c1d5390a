import { doctor } from "../commands/doctor.ts";
import { exportVerb } from "../commands/export.ts";
import { fit } from "../commands/fit.ts";
import { identify } from "../commands/identify.ts";
import { init } from "../commands/init.ts";
import { merge } from "../commands/merge.ts";
import { plan } from "../commands/plan.ts";
import { profile } from "../commands/profile.ts";
import { query } from "../commands/query.ts";
import { rates } from "../commands/rates.ts";
import { report } from "../commands/report.ts";
import { replay } from "../commands/replay.ts";
import { run } from "../commands/run.ts";
import { schema } from "../commands/schema.ts";
import { status } from "../commands/status.ts";
import { submit } from "../commands/submit.ts";
import { theory } from "../commands/theory.ts";
import { validate } from "../commands/validate.ts";
import { worker } from "../commands/worker.ts";
import { witness } from "../commands/witness.ts";
import { verify } from "../commands/verify.ts";
import type { Verb } from "./verb.ts";

/** Every verb, in the order of the help. */
export const verbs: readonly Verb[] = [
  init,
  validate,
  plan,
  run,
  status,
  rates,
  query,
  report,
  exportVerb,
  merge,
  worker,
  submit,
  replay,
  verify,
  fit,
  theory,
  identify,
  profile,
  witness,
  schema,
  doctor,
];
