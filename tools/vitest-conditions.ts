/** Packages resolve each other to `src` in tests, so no test ever runs a stale build. */
const conditions = ["@moe-rates/source", "node", "import", "default"];

export const sourceConditions = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
};
