import { countReplicateTasks, formatProblem } from "@moe-rates/study";
import { alignedTable } from "../command-line/print-result.ts";
import { jsonOption } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { exitCodes } from "../input-error.ts";
import { StudyProblems, loadStudy } from "../load-study.ts";
import type { LoadedStudy } from "../load-study.ts";
import { pendingPoints } from "../pool/study-work.ts";
import { plural } from "../progress/format.ts";
import { printable, writeLine } from "../terminal.ts";
import { studyOptions, studyRequest } from "./study-options.ts";

/** `moe-rates validate STUDY`. */
export const validate: Verb = {
  name: "validate",
  summary: "check a study and say what it would run",
  details: "Prints every problem with its line and key at once. Exit code 2 when there is one.",
  positionals: [{ name: "STUDY", description: "study file (YAML or JSON)" }],
  options: [...studyOptions, jsonOption],
  examples: [
    {
      command: "moe-rates validate study.yaml",
      does: "the designs, sample sizes and replicates, or all problems",
    },
  ],
  async run(terminal, given) {
    const request = studyRequest(terminal, given);
    try {
      const loaded = await loadStudy(request);
      await writeLine(
        terminal.stdout,
        given.has("json") ? JSON.stringify(report(loaded), null, 2) : reportText(request.file, loaded),
      );
      return exitCodes.ok;
    } catch (error) {
      if (!(error instanceof StudyProblems) || !given.has("json")) throw error;
      await writeLine(terminal.stdout, JSON.stringify({ ok: false, problems: error.problems }, null, 2));
      return exitCodes.input;
    }
  },
};

function report(loaded: LoadedStudy): Record<string, unknown> {
  const { study, designs, points, warnings } = loaded;
  return {
    ok: true,
    warnings,
    name: study.name,
    designs: designs.map(({ id, fit, k }) => ({
      design: id,
      fit: fit.name,
      k,
      parameters: loaded.parameters.get(id),
    })),
    sampleSizes: study.sampleSizes,
    replicates: points.length * study.replicates,
    tasks: countReplicateTasks(pendingPoints(loaded, null)),
  };
}

function targetText({ target }: LoadedStudy["study"]): string {
  return target === undefined
    ? ""
    : ` at first, at most ${target.max}, until the slope's half-width is ${target.slopeHalfWidth}`;
}

function reportText(file: string, loaded: LoadedStudy): string {
  const { study, designs, points, warnings } = loaded;
  const tasks = countReplicateTasks(pendingPoints(loaded, null));
  return [
    ...warnings.map((warning) => `warning: ${printable(formatProblem(warning))}`),
    `${file} is a valid study: ${study.name}`,
    `${plural(designs.length, "design")} at ${plural(study.sampleSizes.length, "sample size")} (${study.sampleSizes.join(", ")}), ` +
      `${plural(study.replicates, "replicate")} each${targetText(study)}: ${plural(points.length * study.replicates, "fit")} in ${plural(tasks, "task")}`,
    "",
    alignedTable(
      ["design", "fit", "k", "parameters"],
      designs.map(({ id, fit, k }) => [id, fit.name, k, loaded.parameters.get(id) ?? 0]),
    ),
  ].join("\n");
}
