// Loads tfjs-node from the package folder of the first argument and runs a graph with its gradient on the native backend: prints
// {"backend", "tensorflow", "node"} or throws.
const { createRequire } = require("node:module");
const { join } = require("node:path");
const util = require("node:util");

util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tf = createRequire(join(process.argv[2], "package.json"))(process.argv[2]);
const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
const gradient = tf.grad((/** @type {unknown} */ at) => tf.sum(tf.tanh(tf.matMul(at, at))))(x);
const sum = gradient.sum().dataSync()[0];
if (!Number.isFinite(sum)) throw new Error(`the gradient of a test graph is ${sum}`);
const tensorflow = tf.backend().binding?.TF_Version ?? "unknown";
console.log(JSON.stringify({ backend: tf.getBackend(), tensorflow, node: process.version }));
