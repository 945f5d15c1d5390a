import type { AtomField, GatingChannel } from "./gating.ts";

/** One affine score beta1_j . x + beta0_j per atom. */
export function affineChannels(atoms: number): GatingChannel[] {
  return Array.from({ length: atoms }, (_, atom) => ({
    atom,
    basis: "affine",
    slope: "beta1",
    intercept: "beta0",
  }));
}

/** Fields beta1 (length d) and beta0 of a study file's atom. */
export function affineFields(inputDim: number): AtomField[] {
  return [
    { name: "beta1", length: inputDim },
    { name: "beta0", length: null },
  ];
}
