import type { Jet } from "./jet.ts";

/** Regression function of parameters b and one row of predictors. */
export type NistModel = (b: Jet[], x: readonly number[]) => Jet;

const gauss: NistModel = ([b1, b2, b3, b4, b5, b6, b7, b8], [x]) =>
  b1
    .times(b2.times(-x).exp())
    .plus(b3.times(bell(b4, b5, x)))
    .plus(b6.times(bell(b7, b8, x)));

const bell = (centre: Jet, width: Jet, x: number) => centre.minus(x).over(width).square().times(-1).exp();

const lanczos: NistModel = ([b1, b2, b3, b4, b5, b6], [x]) =>
  b1
    .times(b2.times(-x).exp())
    .plus(b3.times(b4.times(-x).exp()))
    .plus(b5.times(b6.times(-x).exp()));

const chwirut: NistModel = ([b1, b2, b3], [x]) => b1.times(-x).exp().over(b3.times(x).plus(b2));

const cubicRatio: NistModel = ([b1, b2, b3, b4, b5, b6, b7], [x]) =>
  b4
    .times(x ** 3)
    .plus(b3.times(x ** 2))
    .plus(b2.times(x))
    .plus(b1)
    .over(
      b7
        .times(x ** 3)
        .plus(b6.times(x ** 2))
        .plus(b5.times(x))
        .plus(1),
    );

const saturation: NistModel = ([b1, b2], [x]) => b1.times(b2.times(-x).exp().times(-1).plus(1));

/** One period of the ENSO model: cosine times c, sine times s. */
const wave = (c: Jet, s: Jet, angle: Jet) => c.times(angle.cos()).plus(s.times(angle.sin()));

/** The 27 models of the NIST StRD collection for nonlinear regression, by data set name. */
export const nistModels: Readonly<Record<string, NistModel>> = {
  Bennett5: ([b1, b2, b3], [x]) => b1.times(b2.plus(x).power(b3.reciprocal().times(-1))),
  BoxBOD: saturation,
  Chwirut1: chwirut,
  Chwirut2: chwirut,
  DanWood: ([b1, b2], [x]) => b1.times(b2.times(Math.log(x)).exp()),
  ENSO: ([b1, b2, b3, b4, b5, b6, b7, b8, b9], [x]) => {
    const year = (2 * Math.PI * x) / 12;
    return b1
      .plus(b2.times(Math.cos(year)))
      .plus(b3.times(Math.sin(year)))
      .plus(wave(b5, b6, b4.reciprocal().times(2 * Math.PI * x)))
      .plus(wave(b8, b9, b7.reciprocal().times(2 * Math.PI * x)));
  },
  Eckerle4: ([b1, b2, b3], [x]) => b1.over(b2).times(b3.minus(x).over(b2).square().times(-0.5).exp()),
  Gauss1: gauss,
  Gauss2: gauss,
  Gauss3: gauss,
  Hahn1: cubicRatio,
  Kirby2: ([b1, b2, b3, b4, b5], [x]) =>
    b3
      .times(x ** 2)
      .plus(b2.times(x))
      .plus(b1)
      .over(
        b5
          .times(x ** 2)
          .plus(b4.times(x))
          .plus(1),
      ),
  Lanczos1: lanczos,
  Lanczos2: lanczos,
  Lanczos3: lanczos,
  MGH09: ([b1, b2, b3, b4], [x]) =>
    b1.times(b2.times(x).plus(x ** 2)).over(
      b3
        .times(x)
        .plus(b4)
        .plus(x ** 2),
    ),
  MGH10: ([b1, b2, b3], [x]) => b1.times(b2.over(b3.plus(x)).exp()),
  MGH17: ([b1, b2, b3, b4, b5], [x]) =>
    b1.plus(b2.times(b4.times(-x).exp())).plus(b3.times(b5.times(-x).exp())),
  Misra1a: saturation,
  Misra1b: ([b1, b2], [x]) =>
    b1.times(
      b2
        .times(x / 2)
        .plus(1)
        .square()
        .reciprocal()
        .times(-1)
        .plus(1),
    ),
  Misra1c: ([b1, b2], [x]) =>
    b1.times(
      b2
        .times(2 * x)
        .plus(1)
        .power(-0.5)
        .times(-1)
        .plus(1),
    ),
  Misra1d: ([b1, b2], [x]) => b1.times(b2).times(x).over(b2.times(x).plus(1)),
  Nelson: ([b1, b2, b3], [x1, x2]) => b1.minus(b2.times(x1).times(b3.times(-x2).exp())),
  Rat42: ([b1, b2, b3], [x]) => b1.over(b2.minus(b3.times(x)).exp().plus(1)),
  Rat43: ([b1, b2, b3, b4], [x]) => b1.over(b2.minus(b3.times(x)).exp().plus(1).power(b4.reciprocal())),
  Roszman1: ([b1, b2, b3, b4], [x]) =>
    b1.minus(b2.times(x)).minus(
      b3
        .over(b4.times(-1).plus(x))
        .atan()
        .times(1 / Math.PI),
    ),
  Thurber: cubicRatio,
};
