import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "../browser/chromium.mjs";
import { patience } from "../vitest-conditions.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const command = join(root, "apps", "orchestrator", "bin", "moe-rates.mjs");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const executable = chromiumPath();
if (executable === null) console.warn("skipped: no Chromium on PATH (Debian: apt-get install chromium)");

const study = `name: browser
seed: 7
truth:
  gating: softmax
  expert: {family: ffn, activation: tanh, bias: false}
  input: {law: uniform, low: -3, high: 3, dim: 2}
  noise: {sd: 0.1}
  atoms:
    - {beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8]}
    - {beta1: [0, 0], beta0: 0, a: [-0.8, 1.6]}
fit:
  atoms: [2, 3]
  starts: {near-truth: {radius: 0.4, count: 2}, random: 1}
design: {sampleSizes: [100, 200, 400], replicates: 7}
losses: [voronoi-d1, regression-l2]
`;

const directory = mkdtempSync(join(tmpdir(), "moe-rates-browser-"));
const pageFile = join(directory, "report.html");
let browser: Browser;

function moeRates(...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd: directory,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
}

/** A page with everything it complained about and asked for. */
async function openPage(address: string, options: Parameters<Browser["newContext"]>[0] = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(patience.testTimeout);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(address);
  return { page, complaints, requests };
}

const openReport = (options?: Parameters<typeof openPage>[1]) =>
  openPage(pathToFileURL(pageFile).href, options);

describe.skipIf(executable === null)("the report in Chromium", () => {
  beforeAll(async () => {
    writeFileSync(join(directory, "study.yaml"), study);
    moeRates("run", "study.yaml");
    moeRates("report", "browser.duckdb", "--out", pageFile);
    browser = await launchChromium(executable!);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test.for([
    [360, "light"],
    [360, "dark"],
    [820, "light"],
    [820, "dark"],
    [1440, "light"],
    [1440, "dark"],
  ] as const)(
    "fits %i pixels in %s without an error, a request or a barrier",
    async ([width, colorScheme]) => {
      const { page, complaints, requests } = await openReport({
        viewport: { width, height: 900 },
        colorScheme,
      });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      await page.evaluate(axe);
      const { violations } = await page.evaluate<{
        violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
      }>("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] })");
      expect(
        violations.map(({ id, nodes }) => [id, nodes[0]?.html.slice(0, 200), nodes[0]?.failureSummary]),
      ).toEqual([]);
      expect((await page.screenshot({ fullPage: true })).length).toBeGreaterThan(50_000);
      expect(complaints).toEqual([]);
      expect(requests).toEqual([pathToFileURL(pageFile).href]);
      await page.context().close();
    },
  );

  test.for(["light", "dark"] as const)(
    "letters in figures stand out 4.5 to 1 and marks 3 to 1 in %s",
    async (colorScheme) => {
      const { page } = await openReport({ colorScheme });
      const colours = await page.evaluate<{ paper: string; letters: string[]; marks: string[] }>(`(() => {
      const paper = getComputedStyle(document.body).backgroundColor;
      const own = (selector) => [...new Set([...document.querySelectorAll(selector)].map((one) => getComputedStyle(one).fill))];
      return { paper, letters: own("svg text"), marks: own("svg circle, svg rect, svg [fill] > path").filter((fill) => fill.startsWith("rgb")) };
    })()`);
      expect(colours.letters.length).toBeGreaterThan(3);
      expect(colours.marks.length).toBeGreaterThan(2);
      for (const letter of colours.letters)
        expect(contrast(letter, colours.paper), letter).toBeGreaterThanOrEqual(4.5);
      const solid = colours.marks.filter((mark) => mark !== colours.paper);
      for (const mark of solid) expect(contrast(mark, colours.paper), mark).toBeGreaterThanOrEqual(3);
      await page.context().close();
    },
  );

  test.for([
    [360, "screen"],
    [820, "screen"],
    [1440, "screen"],
    [794, "print"],
  ] as const)(
    "verdicts and intervals can be read at %i pixels on %s without scrolling sideways",
    async ([width, media]) => {
      const { page } = await openReport({ viewport: { width, height: 900 } });
      await page.emulateMedia({ media });
      const edges = await page.evaluate<{ right: number; left: number }[]>(
        `[...document.querySelectorAll(".cards td.words summary, .cards td .nowrap")].map((one) => {
        const { left, right } = one.getBoundingClientRect();
        return { left, right };
      })`,
      );
      expect(edges.length).toBeGreaterThan(10);
      for (const { left, right } of edges) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(width);
      }
      await page.context().close();
    },
  );

  test("the keyboard reaches every control, figure, table and fold, in the order of the page", async () => {
    const { page } = await openReport();
    const wanted = await page.evaluate<
      string[]
    >(`[...document.querySelectorAll("a, button, summary, input, [tabindex='0']")]
      .filter((one) => one.checkVisibility()).map((one, index) => one.dataset.stop = String(index))`);
    const visited: string[] = [];
    for (let step = 0; step < wanted.length; step++) {
      await page.keyboard.press("Tab");
      visited.push(await page.evaluate<string>("document.activeElement.dataset.stop"));
    }
    expect(visited).toEqual(wanted);
    await page.context().close();
  });

  test("arrow keys go through the replicates of a figure and say how to repeat them; Escape ends it", async () => {
    const { page, complaints } = await openReport();
    const tip = page.locator("#tip");
    await page.locator("figure").first().focus();
    await page.keyboard.press("ArrowRight");
    await expectText(
      tip,
      /replicate 0, total, n = 100: 0\.\d+.*moe-rates replay browser\.duckdb --design [0-9a-f]{16}\/100 --replicate 0/,
    );
    await page.keyboard.press("ArrowRight");
    await expectText(tip, /replicate 1, /);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await expectText(tip, /n = 400/);
    await page.keyboard.press("Escape");
    expect(await tip.isVisible()).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("the command that a replicate shows is one that the program has", async () => {
    const { page } = await openReport();
    await page.locator("figure").first().focus();
    await page.keyboard.press("ArrowRight");
    const [, ...words] = (await page.locator("#tip code").textContent())!.split(" ");
    const { stdout, stderr, status } = spawnSync(process.execPath, [command, ...words], {
      cwd: directory,
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    expect(stdout).not.toBe("");
    await page.context().close();
  });

  test("the pointer finds the nearest replicate, also on a phone, and leaves it again", async () => {
    for (const width of [360, 1280]) {
      const { page } = await openReport({ viewport: { width, height: 900 } });
      const mark = page.locator('figure [data-marks="replicates"] > circle').nth(3);
      await mark.scrollIntoViewIfNeeded();
      await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
      const box = (await mark.boundingBox())!;
      await page.mouse.move(box.x + box.width / 2 + 2, box.y + box.height / 2);
      await expectText(page.locator("#tip"), /replicate \d, total, n = 100/);
      const shown = (await page.locator("#tip").boundingBox())!;
      expect(shown.x).toBeGreaterThanOrEqual(0);
      expect(shown.x + shown.width).toBeLessThanOrEqual(width);
      await page.mouse.move(5, 5);
      expect(await page.locator("#tip").isVisible()).toBe(false);
      await page.context().close();
    }
  });

  test("the slider goes through the sample sizes", async () => {
    const { page } = await openReport();
    const figure = page.locator("#d2-experts");
    const slider = figure.locator("input[type=range]");
    const label = () => figure.locator("svg:visible").getAttribute("aria-label");
    expect(await label()).toContain("n = 400");
    await slider.focus();
    await page.keyboard.press("Home");
    expect(await label()).toContain("n = 100");
    expect(await slider.getAttribute("aria-valuetext")).toBe("100");
    expect(await figure.locator("svg:visible").count()).toBe(1);
    await page.context().close();
  });

  test("a figure is saved as SVG in colours of its own, as PNG, and as the numbers behind it", async () => {
    const { page, complaints } = await openReport({ colorScheme: "dark" });
    const figure = page.locator("#d1-loss2-exact");
    const saved = async (kind: string) => {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        figure.locator(`[data-save=${kind}]`).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`browser-d1-loss2-exact.${kind}`);
      return readFileSync(await download.path());
    };
    const svg = (await saved("svg")).toString();
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).not.toContain("var(");
    expect(svg).toContain("<title>voronoi-d1: exactly specified cells</title>");
    const parsed = await page.evaluate(
      `new DOMParser().parseFromString(${JSON.stringify(svg)}, "image/svg+xml").documentElement.nodeName`,
    );
    expect(parsed).toBe("svg");
    const png = await saved("png");
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(png.readUInt32BE(16)).toBe(1260);
    const lines = (await saved("csv")).toString().split("\r\n");
    expect(lines[0]).toBe("component,n,replicates,median,low,high");
    expect(lines).toHaveLength(2 + 6);
    await figure.locator("summary").click();
    const cells = await figure.locator("tbody tr").first().locator("td").allTextContents();
    expect(cells.join()).toBe(lines[1]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("print is ink on white paper, whatever the screen shows, without controls", async () => {
    const { page } = await openReport({ colorScheme: "dark" });
    await page.locator("#theme").click();
    await page.locator("#theme").click();
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect(await page.locator("[data-save]:visible").count()).toBe(0);
    expect((await page.pdf()).subarray(0, 4).toString()).toBe("%PDF");
    await page.context().close();
  });

  test("the button turns the page from light to dark and back", async () => {
    const { page } = await openReport({ colorScheme: "light" });
    const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await paper();
    await page.locator("#theme").click();
    expect(await paper()).not.toBe(light);
    await page.locator("#theme").click();
    expect(await paper()).toBe(light);
    await page.context().close();
  });

  test("a running study's page follows the run to its end", async () => {
    // The stand-in for the numerics ends no replicate before the file is there, so that the run cannot be over before the page is open.
    const heldUntil = join(directory, "go");
    const standIn = join(root, "apps", "orchestrator", "test", "fixtures", "fake-cli.mjs");
    const args = [standIn, "study.yaml", "live.duckdb", "1", JSON.stringify({ heldUntil })];
    const run = spawn(process.execPath, args, {
      cwd: directory,
      env: { ...process.env, WATCH: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = new Promise((resolve) => run.on("close", resolve));
    const address = await new Promise<string>((resolve) => {
      let said = "";
      run.stderr.on("data", (piece: Buffer) => {
        said += piece.toString();
        const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(said);
        if (found) resolve(found[0]);
      });
    });
    const { page, complaints } = await openPage(address);
    await expectText(page.locator("header"), /0 of 42 replicates done/);
    writeFileSync(heldUntil, "");
    await expectText(page.locator("#live"), /The run has ended/);
    await expectText(page.locator("header"), /42 of 42 replicates done/);
    expect(await ended).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

async function expectText(locator: Locator, pattern: RegExp): Promise<void> {
  await expect
    .poll(async () => (await locator.textContent())?.replace(/\s+/g, " "), { timeout: patience.testTimeout })
    .toMatch(pattern);
}

/** Contrast ratio of WCAG 2 between two colours rgb(r, g, b). */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
