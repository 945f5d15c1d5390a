/** Machines of one network, played by network namespaces of this one: a hub and workers that reach nothing but the hub. Needs root and Debian's iproute2. */
import { execFileSync, spawnSync } from "node:child_process";

/** Whether this process may make them. */
export const namespacesAllowed =
  spawnSync("unshare", ["--net", "true"]).status === 0 && spawnSync("ip", ["netns", "list"]).status === 0;

/**
 * Makes a hub and `count` workers, each joined to the hub by a link of its own.
 * @param {number} count
 */
export function openNetwork(count) {
  const name = `moe-${process.pid}`;
  const ip = (/** @type {string} */ line) => execFileSync("ip", line.split(" "));
  const hub = `${name}-hub`;
  const workers = Array.from({ length: count }, (_, i) => ({ space: `${name}-${i}`, net: `10.77.${i}` }));
  const inside = (/** @type {string} */ space) => ["ip", "netns", "exec", space];
  const close = () => {
    for (const space of [hub, ...workers.map((one) => one.space)])
      spawnSync("ip", ["netns", "delete", space]);
  };
  try {
    ip(`netns add ${hub}`);
    ip(`-n ${hub} link set lo up`);
    for (const [i, { space, net }] of workers.entries()) {
      ip(`netns add ${space}`);
      ip(`link add to${i} netns ${hub} type veth peer name hub netns ${space}`);
      ip(`-n ${hub} address add ${net}.1/24 dev to${i}`);
      ip(`-n ${hub} link set to${i} up`);
      ip(`-n ${space} address add ${net}.2/24 dev hub`);
      ip(`-n ${space} link set hub up`);
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    /** Starts a program in the hub. */
    hub: inside(hub),
    /** Starts a program in each worker, and the hub's address there. */
    workers: workers.map(({ space, net }) => ({ wrapper: inside(space), hub: `${net}.1` })),
    close,
  };
}
