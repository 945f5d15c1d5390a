import { shippedFamilies as families } from "@moe-rates/mixture";
import {
  designPointsOf,
  designsOf,
  formatProblem,
  parseStudy,
  replicateStream,
  sampleStreamOf,
  starterStudy,
  truthIdOf,
} from "@moe-rates/study";

// Mistakes come back as data, all at once, each with its line and key.
const mistaken = starterStudy().replace("softmax ", "sofmax ").replace("box: 10", "box: 0.1");
const refused = parseStudy(mistaken, { fileName: "first.yaml", families });
export const problems = refused.ok ? [] : refused.problems.map(formatProblem);

// A valid file becomes a study with every default filled in; `overrides` are `--set key=value`.
const parsed = parseStudy(starterStudy(), {
  fileName: "first.yaml",
  families,
  overrides: ["design.replicates=40"],
});
if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
const { study } = parsed;

// A design is everything but n, named by the content hash of all that determines its numbers.
const designs = designsOf(study, { engine: "fused-js", kernelHash: "0000" });
export const points = designPointsOf(designs, study.sampleSizes);

// The key of one random stream: seed, truth, sample stream, replicate, purpose.
export const key = replicateStream(
  study,
  truthIdOf(designs[0]),
  sampleStreamOf(study, designs[0], 500),
  0,
  "inputs",
);
