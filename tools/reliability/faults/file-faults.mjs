/** Disks and files that go wrong. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { stream } from "../../../packages/math/dist/index.js";
import { compareWithReference } from "../compare-stores.mjs";
import { runCommand } from "../run-command.mjs";
import { writeSmallStudy } from "../small-study.mjs";
import { hold, holdEqual, queried, uninterrupted } from "./fault.mjs";

const root = process.getuid?.() === 0 && process.platform === "linux";

/** A file system of its own in memory, of so many MB; root only. @param {string} folder @param {number} mb */
function mountTmpfs(folder, mb) {
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mb}m`, "moe-rates", folder], { stdio: "ignore" });
  return {
    remount: (/** @type {string} */ options) =>
      execFileSync("mount", ["-o", `remount,${options}`, folder], { stdio: "ignore" }),
    unmount: () => execFileSync("umount", [folder], { stdio: "ignore" }),
  };
}

/** @type {import("./fault.mjs").Fault[]} */
export const fileFaults = [
  {
    name: "a disk that is full",
    async inject(folder) {
      if (!root) return { skip: "needs root, to mount a small file system" };
      const study = writeSmallStudy(folder, {
        sizes: [8, 12],
        replicates: 3000,
        atoms: [1],
        starts: "{near-truth: {radius: 0.1, count: 1}}",
        losses: ["voronoi-d1"],
      });
      const reference = await uninterrupted(study, join(folder, "b.duckdb"), { cwd: folder });
      let disk;
      try {
        disk = mountTmpfs(join(folder, "small"), 3);
      } catch {
        return { skip: "mount is not permitted here" };
      }
      try {
        const out = join(folder, "small", "a.duckdb");
        const args = ["run", study, "--out", out, "--threads", "2"];
        const full = await runCommand(args, { cwd: folder });
        hold(full.code === 1, "a run on a full disk ends with 1", full);
        hold(
          /disk|space/i.test(full.err) && full.err.includes("a.duckdb"),
          "it says so and names the file",
          full.err,
        );
        const [{ n }] = await queried(out, "SELECT count(*) AS n FROM replicates", folder);
        hold(n > 0, "what was committed is there", n);
        disk.remount("size=64m");
        const after = await runCommand(args, { cwd: folder });
        hold(after.code === 0, "with room again the same command completes", after.err);
        const replicates = await holdEqual(out, reference);
        const said = full.err.trim().split("\n").at(-1);
        return {
          facts: `full after ${n} of ${replicates} replicates ("${said?.slice(0, 160)}"); with room again completed and equal`,
        };
      } finally {
        disk.unmount();
      }
    },
  },
  {
    name: "a folder and a file that cannot be written",
    async inject(folder) {
      const study = writeSmallStudy(folder, { replicates: 3 });
      const place = join(folder, "place");
      /** @type {ReturnType<typeof mountTmpfs> | null} */
      let disk = null;
      try {
        if (root) disk = mountTmpfs(place, 32);
        else mkdirSync(place);
      } catch {
        return { skip: "mount is not permitted here" };
      }
      try {
        const old = await uninterrupted(study, join(place, "old.duckdb"), { cwd: folder });
        if (disk === null)
          [place, old].forEach((path, index) => chmodSync(path, index === 0 ? 0o555 : 0o444));
        else disk.remount("ro");
        const bytes = readFileSync(old);
        const made = await runCommand(["run", study, "--out", join(place, "new.duckdb")], { cwd: folder });
        hold(
          made.code === 2 && made.err.includes(place),
          "a new file there is refused with 2, and the folder named",
          made,
        );
        const more = await runCommand(["run", study, "--out", old, "--set", "design.replicates=4"], {
          cwd: folder,
        });
        hold(
          more.code === 2 && more.err.includes("old.duckdb"),
          "an old one cannot be continued: 2, and the file named",
          more,
        );
        for (const verb of [
          ["status", old],
          ["rates", old],
          ["verify", old, "--sample", "20%"],
          ["export", old, "--csv", join(folder, "tables")],
        ]) {
          const { code, err } = await runCommand(verb, { cwd: folder });
          hold(code === 0, `${verb[0]} works on it`, err);
        }
        const exported = await runCommand(["export", old, "--csv", join(place, "tables")], { cwd: folder });
        hold(
          exported.code === 2 && exported.err.includes(place),
          "an export into it is refused with 2",
          exported,
        );
        hold(
          readFileSync(old).equals(bytes) && readdirSync(place).length === 1,
          "nothing there has changed",
          readdirSync(place),
        );
        return { facts: "new and old file refused by name with exit code 2, reading works, nothing changed" };
      } finally {
        if (disk === null) chmodSync(place, 0o755);
        else disk.unmount();
      }
    },
  },
  {
    name: "a database that is cut, overwritten or has flipped bits",
    async inject(folder) {
      const study = writeSmallStudy(folder, { replicates: 6 });
      const out = await uninterrupted(study, join(folder, "whole.duckdb"), { cwd: folder });
      const reference = await uninterrupted(
        writeSmallStudy(folder, { replicates: 8 }),
        join(folder, "b.duckdb"),
        { cwd: folder },
      );
      const whole = { bytes: readFileSync(out), rows: (await compareWithReference(out, out)).replicates };
      const random = stream("damage", 1);
      const damages = 30;
      let [named, late, harmless] = [0, 0, 0];
      for (let i = 0; i < damages; i++) {
        const file = join(folder, "damaged.duckdb");
        const at = i % 3 === 0 ? random.integer(12_288) : random.integer(whole.bytes.length);
        let bytes = Buffer.from(whole.bytes);
        if (i % 5 === 4) bytes = bytes.subarray(0, at);
        else if (i % 5 === 3) bytes.fill(0, at, Math.min(bytes.length, at + 4096));
        else bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(8));
        writeFileSync(file, bytes);
        const { code, err } = await runCommand(
          ["run", study, "--out", file, "--set", "design.replicates=8", "--threads", "2"],
          { cwd: folder },
        );
        if (code === 2 && err.includes("left as it is")) {
          named += 1;
          hold(err.includes("damaged.duckdb"), "the message names the file", err);
          hold(
            readFileSync(file).equals(bytes) && !existsSync(`${file}.wal`),
            "the damaged file is untouched",
            { i, at },
          );
        } else if (code === 2) {
          late += 1;
          hold(err.includes("damaged.duckdb"), "the message names the file", err);
          const { replicates, foreign, twice } = await compareWithReference(file, reference);
          hold(replicates >= whole.rows && foreign + twice === 0, "the committed rows are as they were", {
            i,
            at,
          });
        } else {
          hold(code === 0, "damage ends with 2 or is without effect", { code, err, i, at });
          await holdEqual(file, reference);
          harmless += 1;
        }
        rmSync(file);
      }
      return {
        facts: `${damages} damages: ${named} named and left untouched, ${late} in an index named while writing (rows as they were), ${harmless} in unused bytes (completed, equal)`,
      };
    },
  },
  {
    name: "a log without its database",
    async inject(folder) {
      const study = writeSmallStudy(folder, { replicates: 3 });
      const out = join(folder, "a.duckdb");
      copyFileSync(study, `${out}.wal`);
      const { code, err } = await runCommand(["run", study, "--out", out], { cwd: folder });
      hold(code === 2 && err.includes("a.duckdb.wal"), "it is refused by name", err);
      hold(!existsSync(out) && readFileSync(`${out}.wal`).equals(readFileSync(study)), "and left alone");
      return { facts: "refused by name, left alone" };
    },
  },
];
