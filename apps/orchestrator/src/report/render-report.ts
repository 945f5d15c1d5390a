import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { formatDuration, plural } from "../progress/format.ts";
import { comparisonsSection } from "./comparisons-section.ts";
import { costFigure } from "./cost-figure.ts";
import { designName, designSection } from "./design-section.ts";
import type { Figure } from "./figure.ts";
import { figureMarkup } from "./figure-markup.ts";
import { percent, wholeNumber } from "./format-number.ts";
import { fragment, scriptJson, trustedHtml } from "./html.ts";
import type { Html } from "./html.ts";
import { pageStyle } from "./page-style.ts";
import { provenanceSection } from "./provenance-section.ts";
import { ratesSection } from "./rates-section.ts";
import type { ReportData } from "./report-data.ts";
import { searchSection } from "./search-section.ts";

/** First line of every report: by it `report` knows a file that it may replace. */
export const reportMark = "<!doctype html><!-- moe-rates report -->";

/** A page as text: everything it needs is in it, and its content policy forbids any request. With `tag` it is the page of a running study, which
 *  asks its own address for news and nothing else. */
export function renderReport(data: ReportData, tag: string | null = null): string {
  const sections = data.designs.map((design, index) => designSection(data, design, index));
  const names = new Map(data.designs.map((design) => [design.design, designName(design)]));
  const nameOf = (design: string): string => names.get(design) ?? design;
  const cost = costFigure(
    "cost",
    data.designs.map((design) => ({ ...design, name: nameOf(design.design) })),
    data.cost,
  );
  const figures = [...sections.flatMap((section) => section.figures), ...(cost === null ? [] : [cost])];
  const scripts = ["replicates", "downloads", "controls", ...(tag === null ? [] : ["live"])].map(pageScript);
  return fragment`${trustedHtml(reportMark)}
    <html lang="en" data-study="${data.status.study}" ${tag !== null && fragment` data-tag="${tag}"`}>
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy(scripts, tag !== null)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="moe-rates ${data.version}" />
        <title>${data.status.study}: rates</title>
        <link rel="icon" href="data:," />
        <style>
          ${trustedHtml(pageStyle)}
        </style>
      </head>
      <body>
        <div id="content">
          ${header(data, tag !== null)}
          <main>
            ${ratesSection(data)} ${comparisonsSection(data)} ${sections.map(({ markup }) => markup)} ${searchSection(data, nameOf)}
            <section aria-labelledby="cost-title">
              <h2 id="cost-title">Cost</h2>
              ${cost === null ? fragment`<p>No replicate has been timed yet.</p>` : fragment`<div class="figures">${figureMarkup(cost)}</div>`}
            </section>
            ${provenanceSection(data)}
          </main>
          <footer class="soft">
            <p>
              Written by moe-rates ${data.version} on ${data.written} UTC from ${data.database}. Losses of the
              first ${data.shownReplicates.losses} replicates of every design point, and atoms of the first
              ${data.shownReplicates.atoms}, are drawn one by one; medians, intervals, slopes and tables use
              all.
            </p>
          </footer>
        </div>
        <div id="tip" role="status" hidden><span></span><code></code><span class="soft"></span></div>
        <script type="application/json" id="figures">${scriptJson(pageData(data, figures))}</script>
        ${scripts.map((script) => fragment`<script type="module">${trustedHtml(script)}</script>`)}
      </body>
    </html>
`.markup;
}

function header({ status, designs, comparisons }: ReportData, live: boolean): Html {
  const { study, done, planned, certified, failed } = status;
  const share = percent(done === 0 ? null : certified / done);
  return fragment`<header>
    <div class="head">
      <h1>${study}</h1>
      <button type="button" id="theme">light or dark</button>
    </div>
    <p>
      ${wholeNumber(done)} of ${plural(planned, "replicate")} done, ${wholeNumber(certified)} certified
      (${share}), ${wholeNumber(failed)} failed.
    </p>
    ${runningText(status)} ${live && fragment`<p id="live" role="status">Live: the page follows the run.</p>`}
    <nav aria-label="sections">
      <ul>
        <li><a href="#rates">Rates and verdicts</a></li>
        ${comparisons.length > 0 && fragment`<li><a href="#comparisons">Comparisons</a></li>`}
        ${designs.map((design, index) => fragment`<li><a href="#d${index + 1}">${designName(design)}</a></li>`)}
        <li><a href="#certificates">Basins and certificates</a></li>
        <li><a href="#cost-title">Cost</a></li>
        <li><a href="#provenance">Provenance</a></li>
      </ul>
    </nav>
  </header>`;
}

function runningText({ running }: ReportData["status"]): Html | false {
  if (running === null || running.share >= 1) return false;
  const left = running.remainingMs === null ? "" : `, ${formatDuration(running.remainingMs)} left`;
  return fragment`<p>
    Running: ${Math.floor(100 * running.share)} % of this run, ${running.perSecond.toFixed(1)}
    replicates/s${left}.
  </p>`;
}

/** What the page's scripts read. */
function pageData({ database }: ReportData, figures: readonly Figure[]): unknown {
  return {
    database,
    figures: Object.fromEntries(
      figures.map(({ id, design, columns, rows, replicates }) => [id, { design, columns, rows, replicates }]),
    ),
  };
}

/** A built script of the page. */
function pageScript(name: string): string {
  return readFileSync(new URL(`../../dist/page/${name}.js`, import.meta.url), "utf8");
}

function policy(scripts: readonly string[], live: boolean): string {
  const hashes = scripts.map((script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`);
  return `default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; script-src ${hashes.join(" ")}; base-uri 'none'; form-action 'none'${
    live ? "; connect-src 'self'" : ""
  }`;
}
