/** Where native TensorFlow takes over the first steps of least-squares fits under `--engine auto`: models with so many parameters. Core-seconds to a
 *  sum of squares on one core of an AMD EPYC (docs/native-tensorflow.md): with 12 and 58 parameters the fused engine needs 2 to 18 times less, with
 *  178 and 338 it depends on n, with 610 TensorFlow needs 16 times less. Measured once; the engine is part of a design's identity. */
export const costTable = { version: 1, parametersFrom: 600 } as const;
