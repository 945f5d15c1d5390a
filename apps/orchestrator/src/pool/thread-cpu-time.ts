import { readFileSync } from "node:fs";

/** CPU milliseconds the calling thread has used since it started: from Node where it tells, from the Linux scheduler otherwise,
 *  NaN where neither does. The start is arbitrary; use differences. */
export function threadCpuMs(): number {
  const cpuUsage = (process as { threadCpuUsage?: () => { user: number; system: number } }).threadCpuUsage;
  if (cpuUsage !== undefined) {
    const { user, system } = cpuUsage.call(process);
    return (user + system) / 1000;
  }
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ", 1)[0]) / 1e6;
  } catch {
    return NaN;
  }
}
