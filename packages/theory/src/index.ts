export { type PredictedLaw } from "./law.ts";
export { expertClassNames, expertClassOf, type ExpertClass } from "./expert-class.ts";
export { gateClassNames, gateClassOf, type GateClass } from "./gate-class.ts";
export { type Block, type Statement, type TheoryEntry } from "./theory-entry.ts";
export { registry } from "./registry.ts";
export {
  defaultLoss,
  entryFor,
  predictionsFor,
  type Prediction,
  type PredictionRequest,
} from "./predictions-for.ts";
export { modelJet, type ModelJet, type Points } from "./model-jet.ts";
export { independence, type Independence, type NamedColumn } from "./independence.ts";
export { expertFunction, type ExpertFunction, type ExpertJet } from "./expert-jet.ts";
export {
  definition1,
  definition2,
  sigmoidDefinition,
  type DefinitionRequest,
} from "./strong-identifiability.ts";
export { sharpTest, type Direction, type SharpTest, type SplitDirection } from "./sharp-test.ts";
export { splitAtoms, specOf, type SplitModel } from "./split-atoms.ts";
export { identify, type Identification, type Identified } from "./identify.ts";
export { routerExpert } from "./router-expert.ts";
export { expertSymmetries, wideHalton, type ExpertSymmetries } from "./expert-symmetries.ts";
export { witnesses, type Witness } from "./witnesses.ts";
export { exampleWitnesses, type ExampleWitness } from "./example-truths.ts";
export {
  defaultEpsilons,
  profile,
  type Profile,
  type ProfileQuantity,
  type ProfileRequest,
} from "./profile.ts";
export { interactions, type Interaction, type InteractionRequest } from "./interactions.ts";
export {
  degenerateSequence,
  sequenceTheorems,
  type SequencePoint,
  type SequenceTheorem,
} from "./degenerate-sequences.ts";
export { sequenceTable } from "./sequence-table.ts";
