/** Packages resolve each other to `src` in tests, so no test ever runs a stale build. Not among them: `import`, since vitest hands conditions to
 *  Node's own loader, where it would make CommonJS modules (those of TensorFlow.js) require ES modules. */
const conditions = ["@moe-rates/source", "node", "default"];

export const sourceConditions = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
};

/** Limits for what hangs, not for what is slow: ten minutes are more than ten times what the longest test takes on two slow and busy cores. */
export const patience = { testTimeout: 600_000, hookTimeout: 600_000 };
