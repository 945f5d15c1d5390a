/** A line between one worker and its server that sees every batch the worker is given, so that faults are paced by batches and not by a clock. */
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Two fields of a job in an answer of the server: its own name is sent with its data only. */
const batch = "$4\r\nname\r\n$5\r\nbatch\r\n";

/**
 * Passes bytes from a free port of 127.0.0.1 to `port` and back. Each time the server gives the worker a batch, `onBatch` runs to its end before the worker
 * has it; after `cut` nothing that the worker sends arrives.
 * @param {number} port
 * @param {() => Promise<void>} onBatch
 */
export async function openRelay(port, onBatch) {
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  let whole = true;
  const relay = createServer((worker) => {
    const server = connect(port, "127.0.0.1");
    for (const one of [worker, server]) {
      sockets.add(one);
      one.on("error", () => undefined);
      one.on("close", () => (sockets.delete(one), worker.destroy(), server.destroy()));
    }
    worker.on("data", (piece) => void (whole && server.write(piece)));
    void passAnswers(server, worker, onBatch).catch(() => worker.destroy());
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const address = relay.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    cut: () => void (whole = false),
    close() {
      relay.close();
      for (const one of sockets) one.destroy();
    },
  };
}

/**
 * @param {import("node:net").Socket} server
 * @param {import("node:net").Socket} worker
 * @param {() => Promise<void>} onBatch
 */
async function passAnswers(server, worker, onBatch) {
  let tail = "";
  for await (const piece of server) {
    const text = tail + piece.toString("latin1");
    const at = text.lastIndexOf(batch);
    if (at >= 0) await onBatch();
    tail = text.slice(Math.max(at + 1, text.length - batch.length + 1));
    worker.write(piece);
  }
}
