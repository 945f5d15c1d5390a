/** Misuse or bad input: the command ends with exit code 2 and the message as it stands, without a stack. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Work stopped by the user after a clean flush: exit code 130. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Exit codes of every verb: 0 ok, 1 failure, 2 usage or bad input, 3 finished with failed replicates, 4 target not met, 130 interrupted after a clean flush. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  input: 2,
  failedReplicates: 3,
  targetNotMet: 4,
  interrupted: 130,
} as const;

/** The exit code an error asks for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InputError) return exitCodes.input;
  if (error instanceof Interrupted) return exitCodes.interrupted;
  return exitCodes.failure;
}

/** Text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
