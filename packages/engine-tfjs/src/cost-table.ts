/** Where native TensorFlow takes over the first steps of least-squares fits under `--engine auto`: models with so many parameters. Core-seconds to a
 *  sum of squares on two cores of an AMD EPYC (docs/native-tensorflow.md): 15 parameters, fused 9 times less; 178, 3.4 times less; 610,
 *  TensorFlow 1.2 times less; 1186, 5.7 times less. Measured once; the engine is part of a design's identity. */
export const costTable = { version: 1, parametersFrom: 600 } as const;
