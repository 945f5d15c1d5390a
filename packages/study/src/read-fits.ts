import { boxContains, roundUp, widestCoordinate } from "./check-box.ts";
import { canonicalJson } from "./canonical-json.ts";
import { defaultBox, mixedGroupedStarts, mixedStarts, trainingStarts } from "./defaults.ts";
import type { Families } from "./families.ts";
import {
  checkOptions,
  completeModel,
  fittedFamily,
  groupCount,
  type ModelFamilies,
  type ModelFamily,
  type PartialModel,
  readFamily,
  sameFields,
  withGroupCount,
} from "./model-family.ts";
import { childKey, type Findings } from "./problem.ts";
import type { TruthDraft } from "./read-truth.ts";
import { childOf, plainValue, type SourceNode } from "./source-node.ts";
import type { FitSpec, StartSpec, TrainingPlan } from "./types.ts";

/** A fit of the file with the model behind it. */
export interface FitDraft {
  readonly spec: FitSpec;
  readonly model: ModelFamilies;
}

/** Reads `fit`, one per k, after the schema check; reports clashing names, boxes that exclude the truth and starts that the model cannot have. */
export function readFits(
  node: SourceNode | undefined,
  truth: TruthDraft,
  families: Families,
  findings: Findings,
): FitDraft[] {
  if (node === undefined) return [];
  const several = node.kind === "list";
  const nodes = several ? node.items : [node];
  const drafts: FitDraft[] = [];
  const taken = new Map<string, string>();
  nodes.forEach((fit, i) => {
    const key = several ? childKey("fit", i) : "fit";
    if (fit.kind !== "mapping") return;
    const name = readName(fit, key, taken, several && nodes.length > 1, findings);
    const fitted = readFit(fit, key, name, truth, families, findings);
    for (const draft of fitted) reportTwin(draft, drafts, fit, key, findings);
    drafts.push(...fitted);
  });
  return drafts;
}

function readName(
  fit: SourceNode,
  key: string,
  taken: Map<string, string>,
  needed: boolean,
  findings: Findings,
): string {
  const given = childOf(fit, "name");
  const name = given?.kind === "scalar" && typeof given.value === "string" ? given.value : "fit";
  const earlier = taken.get(name);
  if (given === undefined && needed) {
    findings.report(fit.place, childKey(key, "name"), "is missing; each of several fits has its own name");
  } else if (earlier !== undefined) {
    findings.report(
      (given ?? fit).place,
      childKey(key, "name"),
      `${name} is the name of ${earlier} too; each fit has its own name`,
    );
  } else taken.set(name, key);
  return name;
}

function readFit(
  fit: SourceNode,
  key: string,
  name: string,
  truth: TruthDraft,
  families: Families,
  findings: Findings,
): FitDraft[] {
  const clean = (child: string): boolean => findings.isClean(childKey(key, child));
  const part = <T>(child: "gating" | "expert", known: Families["gatings"] | Families["experts"], absent: T) =>
    childOf(fit, child) === undefined ? absent : clean(child) ? readFamily(childOf(fit, child), known) : null;
  const named = part("gating", families.gatings, truth.model.gating);
  const gating = named !== null && truth.groups !== null ? groupedAsTruth(named, fit, truth) : named;
  checkGating(fit, key, gating, truth.model.gating, findings);
  const expert = part("expert", families.experts, truth.model.expert);
  const box = clean("box") ? (numberAt(fit, "box") ?? defaultBox) : null;
  if (box !== null) checkBox(fit, key, box, { gating, expert }, truth, findings);
  const model = completeModel({ gating, expert });
  if (model === null) return [];
  const estimator = clean("estimator") ? readEstimator(fit) : undefined;
  const starts = clean("starts")
    ? readStarts(fit, key, model, truth, estimator !== undefined, findings)
    : null;
  const counts = clean("atoms") ? readCounts(childOf(fit, "atoms")) : [];
  if (box === null || starts === null) return [];
  checkCounts(fit, key, counts, truth, findings);
  return counts.map((atoms) => ({
    model,
    spec: {
      name,
      atoms,
      gating: fittedFamily(model.gating).spec,
      expert: { ...model.expert.spec },
      box,
      starts,
      ...(estimator && { estimator }),
    },
  }));
}

/** The training plan of a valid `estimator`; undefined for least squares. */
function readEstimator(fit: SourceNode): TrainingPlan | undefined {
  const node = childOf(fit, "estimator");
  if (node?.kind !== "mapping") return undefined;
  const [[method, plan]] = Object.entries(plainValue(node) as Record<"sgd" | "adam", Partial<TrainingPlan>>);
  const { epochs = 1, learningRate = 0, batch = 256 } = plan;
  return { method: method as TrainingPlan["method"], epochs, learningRate, batch };
}

/** A gating of the truth's own two-level family has the truth's number of groups unless the fit says otherwise. */
function groupedAsTruth(gating: ModelFamily, fit: SourceNode, truth: TruthDraft): ModelFamily {
  if (gating.spec.family !== truth.model.gating?.spec.family) return gating;
  return withGroupCount(gating, childOf(fit, "gating"), truth.groups!.length);
}

/** Reports options of a fit's own gating that stand for parameters the fit estimates, and such that do not go together. */
function checkGating(
  fit: SourceNode,
  key: string,
  gating: ModelFamily | null,
  truth: ModelFamily | null,
  findings: Findings,
): void {
  const node = childOf(fit, "gating");
  if (gating === null || node === undefined) return;
  const own = childKey(key, "gating");
  const options = { ...gating.options };
  for (const [name, option] of Object.entries(gating.description.options)) {
    if (option.estimated !== true) continue;
    const given = childOf(node, name);
    if (given !== undefined)
      findings.report(
        given.place,
        childKey(own, name),
        "is estimated by the fit; it belongs to truth.gating alone",
      );
    delete options[name];
    if (truth?.spec.family === gating.spec.family) options[name] = truth.options[name];
  }
  checkOptions(node, own, { ...gating, options }, findings);
}

function numberAt(node: SourceNode, key: string): number | undefined {
  const child = childOf(node, key);
  return child?.kind === "scalar" && typeof child.value === "number" ? child.value : undefined;
}

function readCounts(node: SourceNode | undefined): number[] {
  if (node === undefined) return [];
  const plain = plainValue(node) as number | number[];
  return typeof plain === "number" ? [plain] : plain;
}

function checkBox(
  fit: SourceNode,
  key: string,
  box: number,
  model: PartialModel,
  truth: TruthDraft,
  findings: Findings,
): void {
  if (truth.atoms === null || truth.inputDim === null) return;
  const widest = widestCoordinate(truth.model, model, truth.inputDim, truth.atoms, truth.groups);
  if (widest === null || boxContains(box, widest.value)) return;
  const given = childOf(fit, "box");
  const subject = given === undefined ? `the default ${box}` : String(box);
  const value = Number(widest.value.toPrecision(6));
  findings.report(
    (given ?? fit).place,
    childKey(key, "box"),
    `${subject} excludes the truth (${widest.label} = ${value}); use at least ${roundUp(widest.value)}`,
  );
}

function checkCounts(
  fit: SourceNode,
  key: string,
  counts: readonly number[],
  truth: TruthDraft,
  findings: Findings,
): void {
  const place = (childOf(fit, "atoms") ?? fit).place;
  if (truth.atoms === null) return;
  const trueAtoms = truth.atoms.length / (truth.groups?.length ?? 1);
  for (const k of counts) {
    const warn = (message: string): void => findings.warn(place, childKey(key, "atoms"), message);
    if (k < trueAtoms)
      warn(`${k} is less than the ${trueAtoms} true atoms: the fitted model cannot be the truth`);
    else if (k > 2 * trueAtoms - 1) {
      warn(
        `${k} is more than 2k*-1 = ${2 * trueAtoms - 1}: gates are not identified from there on, so their loss need not shrink`,
      );
    }
  }
}

function readStarts(
  fit: SourceNode,
  key: string,
  model: ModelFamilies,
  truth: TruthDraft,
  trained: boolean,
  findings: Findings,
): StartSpec | null {
  const node = childOf(fit, "starts");
  const trueModel = completeModel(truth.model);
  const reachable =
    trueModel === null || truth.inputDim === null || sameFields(trueModel, model, truth.inputDim);
  if (trained && !reachable) {
    findings.report(
      (childOf(fit, "estimator") ?? fit).place,
      childKey(key, "estimator"),
      "trains from starts near the truth, and this gating and expert have other parameters than the truth's",
    );
    return null;
  }
  if (node?.kind !== "mapping" && trained) return trainingStarts;
  if (node?.kind !== "mapping") {
    const mixed = groupCount(model.gating) === null ? mixedStarts : mixedGroupedStarts;
    const { "near-truth": nearTruth, ...others } = mixed;
    return reachable ? { "near-truth": { ...nearTruth }, ...others } : { ...others };
  }
  const given = plainValue(node) as StartSpec;
  const nearTruth = given["near-truth"];
  const starts: StartSpec =
    nearTruth === undefined || nearTruth.count === 0 ? {} : { "near-truth": { ...nearTruth } };
  for (const policy of ["random", "k-means", "split", "add", "around"] as const) {
    const count = given[policy] ?? 0;
    if (count > 0) starts[policy] = count;
  }
  const where = childKey(key, "starts");
  const others = Object.keys(starts).filter((policy) => policy !== "near-truth");
  if (trained && others.length > 0) {
    findings.report(node.place, where, `holds ${others.join(", ")}, but training starts near the truth only`);
  }
  if (Object.keys(starts).every((policy) => policy === "around")) {
    findings.report(
      node.place,
      where,
      "asks for no start at all; give at least one, or leave starts out for the mixed policy",
    );
  }
  if (starts["near-truth"] !== undefined && !reachable) {
    findings.report(
      childOf(node, "near-truth")!.place,
      childKey(where, "near-truth"),
      "needs atoms with the truth's parameters, and this gating and expert have others",
    );
  }
  return starts;
}

function reportTwin(
  draft: FitDraft,
  others: readonly FitDraft[],
  fit: SourceNode,
  key: string,
  findings: Findings,
): void {
  const content = ({ spec: { name: _, ...rest } }: FitDraft): string => canonicalJson({ ...rest });
  const twin = others.find((other) => content(other) === content(draft));
  if (twin === undefined) return;
  findings.report(
    fit.place,
    key,
    `with ${draft.spec.atoms} atoms is the same design as in ${twin.spec.name}; remove one of them`,
  );
}
