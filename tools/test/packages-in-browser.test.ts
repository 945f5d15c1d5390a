import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { workspacePackages } from "../boundaries/workspace-packages.mjs";
import { bundleForBrowser } from "../browser/bundle-packages.mjs";
import { chromiumPath, launchChromium } from "../browser/chromium.mjs";
import { patience } from "../vitest-conditions.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** engine-tfjs brings TensorFlow.js, which has a build of its own for browsers. */
const packages = workspacePackages(root).filter(
  ({ folder, published }) => published && folder !== "engine-tfjs",
);
const executable = chromiumPath();
if (executable === null) console.warn("skipped: no Chromium on PATH (Debian: apt-get install chromium)");

/** One replicate of the starter study on SIMD kernels, and its rates: every layer of the packages at work. */
const replicateCode = `
import { BLOCK, bestKernels, kernelHash, simdSupported } from "@moe-rates/kernels";
import { stream } from "@moe-rates/math";
import { shippedFamilies as families } from "@moe-rates/mixture";
import { rateTable } from "@moe-rates/rates";
import { designPointsOf, designsOf, parseStudy, runReplicate, starterStudy } from "@moe-rates/study";

export function weights() {
  const kernels = bestKernels(8 * BLOCK);
  const { f64, allocate } = kernels.memory;
  const [scores, out] = [allocate(3 * BLOCK), allocate(3 * BLOCK)];
  const random = stream("scores");
  for (let i = 0; i < 3 * BLOCK; i++) f64[scores + i] = 40 * random.uniform() - 20;
  kernels.softmax(out, scores, BLOCK, 3, BLOCK);
  return Array.from(f64.subarray(out, out + 3 * BLOCK));
}

export function replicate() {
  const parsed = parseStudy(starterStudy(), { fileName: "starter.yaml", families });
  const { study } = parsed;
  const [design] = designsOf(study, { engine: "fused-simd", kernelHash: kernelHash("simd") });
  const rows = designPointsOf([design], [500, 1000]).map((designPoint) => ({
    n: designPoint.n,
    ...runReplicate({ study, design, designPoint, replicate: 0 }, { kernels: bestKernels }),
  }));
  const losses = rows.flatMap(({ n, certified, losses }) =>
    losses.map((one) => ({ ...one, design: design.id, k: design.k, n, replicate: 0, certified })));
  return { simd: simdSupported(), design: design.id, rows, slopes: rateTable(losses).map(({ slope }) => slope) };
}`;

describe("bundled for a browser", () => {
  test.for(packages.map(({ manifest }) => [manifest.name] as const))(
    "%s needs nothing of Node",
    async ([name]) => {
      const bundle = await bundleForBrowser(root, `export * from ${JSON.stringify(name)};`);
      expect(bundle.length).toBeGreaterThan(1000);
    },
  );

  test("one function of math leaves the rest of the package out", async () => {
    const whole = await bundleForBrowser(root, 'export * from "@moe-rates/math";');
    const one = await bundleForBrowser(root, 'export { normalQuantile } from "@moe-rates/math";');
    expect(one.length).toBeLessThan(0.15 * whole.length);
  });
});

describe.skipIf(executable === null)("in Chromium", () => {
  let browser: Browser;
  let page: Page;
  const bundles = new Map<string, string>();
  const server = createServer((request, response) => {
    const bundle = bundles.get(request.url ?? "");
    const type = bundle === undefined ? "text/html" : "text/javascript";
    response.writeHead(200, { "content-type": type }).end(bundle ?? "<!doctype html><title>packages</title>");
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await launchChromium(executable!);
    page = await browser.newPage();
    page.setDefaultTimeout(patience.testTimeout);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
  afterAll(async () => {
    await browser?.close();
    server.close();
  });

  test.for(packages.map((one) => [one.manifest.name, one.directory] as const))(
    "%s has the public names it has in Node",
    async ([name, directory]) => {
      bundles.set(`/${name}.js`, await bundleForBrowser(root, `export * from ${JSON.stringify(name)};`));
      const names = await page.evaluate<string[]>(`import("/${name}.js").then(Object.keys)`);
      const own = await import(pathToFileURL(join(directory, "dist", "index.js")).href);
      expect(names.sort()).toEqual(Object.keys(own).sort());
    },
  );

  describe("a replicate of a study", () => {
    const both = async (call: "weights" | "replicate") => {
      const bundle = await bundleForBrowser(root, replicateCode);
      bundles.set("/replicate.js", bundle);
      const there = await page.evaluate<string>(
        `import("/replicate.js").then((module) => JSON.stringify(module.${call}()))`,
      );
      const here = await import(`data:text/javascript;base64,${Buffer.from(bundle).toString("base64")}`);
      return { there: JSON.parse(there), here: JSON.parse(JSON.stringify(here[call]())) };
    };

    test("has the kernels of Node, bit for bit: WebAssembly rounds the same everywhere", async () => {
      const { there, here } = await both("weights");
      expect(there).toEqual(here);
      expect(there).toHaveLength(768);
    });

    test("has the fit, certificate and losses of Node to nine digits: another engine rounds Math otherwise", async () => {
      const { there, here } = await both("replicate");
      expect(there).toMatchObject({
        simd: true,
        design: here.design,
        rows: [{ certified: true }, { certified: true }],
      });
      const numbers = (rows: { theta: number[]; losses: { value: number }[] }[]): number[] =>
        rows.flatMap(({ theta, losses }) => [...theta, ...losses.map(({ value }) => value)]);
      const [inChromium, inNode] = [numbers(there.rows), numbers(here.rows)];
      expect(inChromium).toHaveLength(inNode.length);
      inChromium.forEach((value, index) => {
        const own = inNode[index] ?? Number.NaN;
        expect(Math.abs(value - own)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(own)));
      });
    });
  });
});
