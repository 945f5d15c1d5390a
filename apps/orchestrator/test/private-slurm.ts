import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** A Slurm of one node on the loopback, all its state in one folder. */
export interface PrivateSlurm {
  /** Environment in which the Slurm commands reach it. */
  readonly env: NodeJS.ProcessEnv;
  command(name: string, ...args: string[]): string;
  /** Kills the node's daemon and starts it again. */
  loseNode(): Promise<void>;
  /** What an operator does where Slurm has drained the node, and holds a task back, because the daemon that came back took a task that was requeued for one that still runs. */
  putBack(): void;
  /** Kills what runs, and the daemons. */
  stop(): Promise<void>;
}

/** Whether Slurm and munge are installed and may be started: it needs root. */
export function slurmAvailable(): boolean {
  try {
    for (const program of ["slurmctld", "slurmd", "munged", "sbatch"])
      execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore", env: withSbin() });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

function withSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
}

/** Starts munge, the controller and one node. Throws, and leaves no process, where that is not possible. */
export async function startSlurm(folder: string): Promise<PrivateSlurm> {
  const at = (name: string) => join(folder, name);
  for (const name of ["state", "spool"]) mkdirSync(at(name));
  const [controller, node] = [await freePort(), await freePort()];
  writeFileSync(at("munge.key"), randomBytes(128), { mode: 0o600 });
  writeFileSync(
    at("slurm.conf"),
    `ClusterName=local
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=root
SlurmctldPort=${controller}
SlurmdPort=${node}
AuthType=auth/munge
AuthInfo=socket=${at("munge.sock")},cred_expire=20
CredType=cred/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=${at("state")}
SlurmdSpoolDir=${at("spool")}
SlurmctldPidFile=${at("slurmctld.pid")}
SlurmdPidFile=${at("slurmd.pid")}
SlurmctldLogFile=${at("slurmctld.log")}
SlurmdLogFile=${at("slurmd.log")}
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2,batch_sched_delay=0
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
JobRequeue=1
MinJobAge=600
NodeName=localhost NodeHostname=localhost NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES MaxTime=INFINITE State=UP
`,
  );
  const env = { ...withSbin(), SLURM_CONF: at("slurm.conf") };
  const daemons = new Set<ChildProcess>();
  const start = (program: string, ...args: string[]): ChildProcess => {
    const child = spawn(program, args, { env, stdio: "ignore" });
    daemons.add(child);
    return child;
  };
  const stop = (): void => daemons.forEach((one) => one.kill("SIGKILL"));
  start(
    "munged",
    "--foreground",
    "--force",
    ...["key", "log", "seed"].map((kind) => `--${kind}-file=${at(`munge.${kind}`)}`),
    `--socket=${at("munge.sock")}`,
    `--pid-file=${at("munge.pid")}`,
  );
  const startNode = () => start("slurmd", "-D", "-f", at("slurm.conf"), "-N", "localhost");
  const command = (name: string, ...args: string[]) => execFileSync(name, args, { env, encoding: "utf8" });
  const ready = () =>
    waitFor("Slurm", () => {
      try {
        return /idle|mix|alloc/.test(command("sinfo", "-h", "-o", "%T"));
      } catch {
        return false; // the controller is not up yet
      }
    });
  let daemon: ChildProcess;
  try {
    await waitFor("munged", () => existsSync(at("munge.sock")));
    start("slurmctld", "-D", "-f", at("slurm.conf"));
    daemon = startNode();
    await ready();
  } catch (error) {
    stop();
    throw error;
  }
  return {
    env,
    command,
    async loseNode() {
      const gone = once(daemon, "exit");
      daemon.kill("SIGKILL");
      await gone;
      daemon = startNode();
      await ready();
    },
    putBack() {
      if (command("sinfo", "-h", "-o", "%T").includes("drain"))
        command("scontrol", "update", "NodeName=localhost", "State=RESUME");
      for (const line of command("squeue", "-h", "-t", "PD", "-o", "%i %r").split("\n")) {
        const [task = ""] = line.split(" ");
        if (/launch.failed.requeued.held/iu.test(line)) command("scontrol", "release", task);
      }
    },
    async stop() {
      try {
        command("scancel", "--quiet", "--user=root");
        command("scancel", "--quiet", "--full", "--signal=KILL", "--user=root");
        await waitFor("the end of all tasks", () => command("squeue", "-h", "-t", "R,CG").trim() === "");
      } finally {
        stop();
      }
    },
  };
}

/** Milliseconds a daemon may take to come up, on a machine that is slow or busy. */
const patience = 5 * 60_000;

async function waitFor(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + patience;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come up`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
