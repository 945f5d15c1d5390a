import { prepareEngines } from "./engines.ts";
import type { Engine } from "./engines.ts";
import type { LoadedStudy } from "./load-study.ts";
import type { StudySetup } from "./pool/worker-protocol.ts";

/** What every worker of a study gets. Processes cannot share memory: they get a copy of the covariates. */
export function workerSetup(
  loaded: Pick<LoadedStudy, "study" | "designs" | "points" | "covariates" | "plugins">,
  engine: Engine,
  copy: boolean,
): StudySetup {
  const { study, designs, points, covariates, plugins } = loaded;
  if (!copy) prepareEngines(designs.map(({ identity }) => String(identity["engine"])));
  return {
    study,
    designs,
    points,
    covariates:
      covariates !== null && copy ? { ...covariates, values: covariates.values.slice() } : covariates,
    engine: engine.name,
    plugins: plugins.files,
  };
}
