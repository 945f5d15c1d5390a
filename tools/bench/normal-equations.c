/* The native speed limit of one evaluation: J'J (both triangles are not needed: lower one), J'e and the sum of squares of
 *   f(x) = sum_j p_j(x) lambda_j tanh(a_j . x + b_j),   p = softmax(beta1_j . x + beta0_j),   d = 4, k = 4, 44 parameters,
 * float64, dense, in blocks of 256 samples held as columns, 4 x 4 register tiles of 8-wide vectors.
 *   gcc -O3 -march=native -ffast-math normal-equations.c -o native -lm -lmvec
 *   gcc -O3 -msse2 -ffast-math normal-equations.c -o sse2 -lm -lmvec
 * Usage: native FILE n repetitions; FILE holds x (n x 4, row-major), y (n) and theta (44; per atom beta1, beta0, a, b, lambda) as doubles.
 * Prints one line of JSON: the CPU milliseconds of every repetition, the sum of squares, and the sums of squares of J'e and J'J. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define D 4
#define K 4
#define Q (2 * D + 3)
#define P (K * Q)
#define N 256
typedef double vec __attribute__((vector_size(64)));
#define COLUMN [N] __attribute__((aligned(64)))

static double jacobian[P] COLUMN, x[D] COLUMN, gate[K] COLUMN, head[K] COLUMN, slope[K] COLUMN, total COLUMN, f COLUMN, e COLUMN;

static double milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

static void forward(const double *theta) {
  for (int i = 0; i < N; i++) total[i] = f[i] = 0;
  for (int j = 0; j < K; j++) {
    const double *t = theta + j * Q;
    for (int i = 0; i < N; i++) {
      double s = t[D], u = t[2 * D + 1];
      for (int c = 0; c < D; c++) s += t[c] * x[c][i], u += t[D + 1 + c] * x[c][i];
      gate[j][i] = exp(s);
      total[i] += gate[j][i];
      double h = 1 - 2 / (exp(2 * u) + 1);
      head[j][i] = h;
      slope[j][i] = 1 - h * h;
    }
  }
  for (int i = 0; i < N; i++) total[i] = 1 / total[i];
  for (int j = 0; j < K; j++) {
    const double lambda = theta[j * Q + Q - 1];
    for (int i = 0; i < N; i++) gate[j][i] *= total[i], f[i] += gate[j][i] * lambda * head[j][i];
  }
  for (int j = 0; j < K; j++) {
    const double lambda = theta[j * Q + Q - 1];
    double(*J)[N] = jacobian + j * Q;
    for (int i = 0; i < N; i++) {
      double r = gate[j][i] * (lambda * head[j][i] - f[i]), v = gate[j][i] * lambda * slope[j][i];
      for (int c = 0; c < D; c++) J[c][i] = r * x[c][i], J[D + 1 + c][i] = v * x[c][i];
      J[D][i] = r;
      J[2 * D + 1][i] = v;
      J[2 * D + 2][i] = gate[j][i] * head[j][i];
    }
  }
}

static double evaluate(const double *data, const double *y, int n, const double *theta, double *gram, double *gradient) {
  double squares = 0;
  memset(gram, 0, sizeof(double) * P * P);
  memset(gradient, 0, sizeof(double) * P);
  for (int from = 0; from < n; from += N) {
    int m = n - from < N ? n - from : N;
    for (int i = 0; i < m; i++)
      for (int c = 0; c < D; c++) x[c][i] = data[(from + i) * D + c];
    forward(theta);
    for (int i = 0; i < m; i++) e[i] = f[i] - y[from + i], squares += e[i] * e[i];
    for (int i = m; i < N; i++) {
      e[i] = 0;
      for (int p = 0; p < P; p++) jacobian[p][i] = 0;
    }
    for (int p = 0; p < P; p += 4)
      for (int q = 0; q <= p; q += 4) {
        vec sum[4][4];
        memset(sum, 0, sizeof sum);
        for (int i = 0; i < N; i += 8) {
          vec left[4], right[4];
          for (int u = 0; u < 4; u++) left[u] = *(vec *)&jacobian[p + u][i], right[u] = *(vec *)&jacobian[q + u][i];
          for (int u = 0; u < 4; u++)
            for (int v = 0; v < 4; v++) sum[u][v] += left[u] * right[v];
        }
        for (int u = 0; u < 4; u++)
          for (int v = 0; v < 4; v++)
            for (int z = 0; z < 8; z++) gram[(p + u) * P + q + v] += sum[u][v][z];
      }
    for (int p = 0; p < P; p++) {
      double sum = 0;
      for (int i = 0; i < N; i++) sum += jacobian[p][i] * e[i];
      gradient[p] += sum;
    }
  }
  return squares;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const int n = atoi(argv[2]), repetitions = atoi(argv[3]);
  double *data = malloc(sizeof(double) * n * D), *y = malloc(sizeof(double) * n), theta[P];
  double *gram = aligned_alloc(64, sizeof(double) * P * P), gradient[P], squares = 0;
  FILE *file = fopen(argv[1], "rb");
  if (!file || fread(data, 8, n * D, file) != (size_t)n * D || fread(y, 8, n, file) != (size_t)n || fread(theta, 8, P, file) != P) return 1;
  for (int i = 0; i < 3; i++) squares = evaluate(data, y, n, theta, gram, gradient);
  printf("{\"ms\":[");
  for (int i = 0; i < repetitions; i++) {
    double start = milliseconds();
    squares = evaluate(data, y, n, theta, gram, gradient);
    printf("%s%.6f", i ? "," : "", milliseconds() - start);
  }
  double gradients = 0, grams = 0;
  for (int p = 0; p < P; p++) gradients += gradient[p] * gradient[p];
  for (int p = 0; p < P; p++)
    for (int q = 0; q <= p; q++) grams += (p == q ? 1 : 2) * gram[p * P + q] * gram[p * P + q];
  printf("],\"squares\":%.17g,\"gradient\":%.17g,\"gram\":%.17g}\n", squares, gradients, grams);
  return 0;
}
