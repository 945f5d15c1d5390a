/** The stopping rule where losses compare with the nearest of many best fits (`sigmoid-d3`). */
import { toleranceOf } from "./tolerance.mjs";

export const run = toleranceOf(["sigmoid-2-gelu", "sigmoid-2-linear", "sigmoid-2-relu"]);
