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
