/** The same evaluation as normal-equations.c as one plain scalar loop over the samples: what one writes in JavaScript without kernels.
 *  Flat Float64Arrays, no allocation, the upper triangle only, exp and tanh of the engine.
 *  @param {Float64Array} x row-major n x d @param {Float64Array} y @param {Float64Array} theta per atom beta1, beta0, a, b, lambda
 *  @param {number} d @param {number} k */
export function plainLoop(x, y, theta, d, k) {
  const q = 2 * d + 3;
  const p = k * q;
  const gram = new Float64Array(p * p);
  const gradient = new Float64Array(p);
  const row = new Float64Array(p);
  const gate = new Float64Array(k);
  const head = new Float64Array(k);
  return { gram, gradient, evaluate };

  function evaluate() {
    gram.fill(0);
    gradient.fill(0);
    let squares = 0;
    for (let i = 0; i < y.length; i++) {
      const at = i * d;
      let total = 0;
      for (let j = 0; j < k; j++) {
        const t = j * q;
        let s = theta[t + d];
        let u = theta[t + 2 * d + 1];
        for (let c = 0; c < d; c++) {
          s += theta[t + c] * x[at + c];
          u += theta[t + d + 1 + c] * x[at + c];
        }
        gate[j] = Math.exp(s);
        total += gate[j];
        head[j] = Math.tanh(u);
      }
      let f = 0;
      for (let j = 0; j < k; j++) {
        gate[j] /= total;
        f += gate[j] * theta[j * q + q - 1] * head[j];
      }
      for (let j = 0; j < k; j++) {
        const t = j * q;
        const lambda = theta[t + q - 1];
        const r = gate[j] * (lambda * head[j] - f);
        const v = gate[j] * lambda * (1 - head[j] * head[j]);
        for (let c = 0; c < d; c++) {
          row[t + c] = r * x[at + c];
          row[t + d + 1 + c] = v * x[at + c];
        }
        row[t + d] = r;
        row[t + 2 * d + 1] = v;
        row[t + q - 1] = gate[j] * head[j];
      }
      const e = f - y[i];
      squares += e * e;
      for (let a = 0; a < p; a++) {
        const left = row[a];
        gradient[a] += left * e;
        for (let b = a; b < p; b++) gram[a * p + b] += left * row[b];
      }
    }
    return squares;
  }
}
