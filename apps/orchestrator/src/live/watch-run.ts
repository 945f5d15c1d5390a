import type { DuckDBInstance } from "@duckdb/node-api";
import type { RunProgress } from "../progress/run-progress.ts";
import { runQuery } from "../store/query-result.ts";
import { readStatus } from "../store/read-status.ts";
import type { Terminal } from "../terminal.ts";
import { servePage } from "./serve-page.ts";
import type { ServedPage } from "./serve-page.ts";

/** Serves the report of the file that this process is writing, and says where. A reader waits until the run is in the file (`inFile`), so that
 *  nobody sees a study without designs. */
export async function watchRun(
  terminal: Terminal,
  { study, shownOut, port }: { study: string; shownOut: string; port: number },
  instance: DuckDBInstance,
  { progress, inFile }: { readonly progress: RunProgress; readonly inFile: Promise<void> },
): Promise<ServedPage> {
  const [{ readReport }, { renderReport }] = await Promise.all([
    import("../report/read-report.ts"),
    import("../report/render-report.ts"),
  ]);
  const source = {
    query: (sql: string) => runQuery(instance, sql, terminal.signal),
    async status() {
      const connection = await instance.connect();
      try {
        const status = await readStatus(connection, progress.live());
        return status.study === "" ? { ...status, study } : status;
      } finally {
        connection.closeSync();
      }
    },
  };
  const page = await servePage(
    {
      version: () => String(progress.state().done),
      async render(tag) {
        await inFile;
        return renderReport(await readReport(source, shownOut), tag);
      },
    },
    port,
  );
  terminal.stderr.write(`report: ${page.address} while the study runs\n`);
  return page;
}
