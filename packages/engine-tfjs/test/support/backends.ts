import { openTensorflow, tensorflowNames, type Tensorflow, type TensorflowName } from "../../src/index.ts";

/** Backends of this machine by name, or why one does not open. */
export const backends = new Map<TensorflowName, Tensorflow | Error>();
for (const name of tensorflowNames.toReversed())
  backends.set(name, await openTensorflow([name]).catch((error: Error) => error));

/** Makes a backend the current one, or says why the test is skipped: `skip(...use(name))`. */
export async function use(name: TensorflowName): Promise<{ tf: Tensorflow["tf"]; missing: string | null }> {
  const backend = backends.get(name)!;
  if (backend instanceof Error) return { tf: undefined as never, missing: backend.message };
  await openTensorflow([name]);
  return { tf: backend.tf, missing: null };
}
