/**
 * Error function erf(x) = 2/sqrt(pi) * integral of exp(-t^2) from 0 to x, error below 1 ulp.
 *
 * Rational approximations on five intervals, after `s_erf.c` of FDLIBM 5.3 (Sun Microsystems, 1993, freely distributable).
 */
export function erf(x: number): number {
  const t = Math.abs(x);
  if (t < 0.84375) {
    if (t < 2 ** -28) return x + EFX * x;
    return x + x * nearZero(x * x);
  }
  if (!(t < 6)) return x !== x ? NaN : Math.sign(x);
  const value = t < 1.25 ? ERX + nearOne(t - 1) : 1 - scaledTail(t);
  return x < 0 ? -value : value;
}

/** Complementary error function erfc(x) = 1 - erf(x), error below 1 ulp in both tails (0 beyond x = 27.3). Source as for `erf`. */
export function erfc(x: number): number {
  const t = Math.abs(x);
  if (t < 0.84375) {
    if (t < 2 ** -56) return 1 - x;
    const y = nearZero(x * x);
    return x < 0.25 ? 1 - (x + x * y) : 0.5 - (x - 0.5 + x * y);
  }
  if (t < 1.25) return x < 0 ? 1 + (ERX + nearOne(t - 1)) : 1 - ERX - nearOne(t - 1);
  if (t < 28) {
    if (x > 0) return scaledTail(t);
    return x < -6 ? 2 : 2 - scaledTail(t);
  }
  if (x !== x) return NaN;
  return x > 0 ? 0 : 2;
}

/** The float nearest erf(1), and 2/sqrt(pi) - 1. */
const ERX = 8.45062911510467529297e-1;
const EFX = 1.28379167095512586316e-1;

/** (erf(x) - x) / x on |x| < 0.84375, as a function of z = x^2. */
function nearZero(z: number): number {
  const r =
    1.28379167095512558561e-1 +
    z *
      (-3.2504210724700149937e-1 +
        z * (-2.84817495755985104766e-2 + z * (-5.77027029648944159157e-3 + z * -2.37630166566501626084e-5)));
  const s =
    1 +
    z *
      (3.97917223959155352819e-1 +
        z *
          (6.50222499887672944485e-2 +
            z *
              (5.08130628187576562776e-3 + z * (1.32494738004321644526e-4 + z * -3.9602282787753681232e-6))));
  return r / s;
}

/** erf(1 + s) - ERX on 0.84375 <= 1 + s < 1.25. */
function nearOne(s: number): number {
  const p =
    -2.36211856075265944077e-3 +
    s *
      (4.14856118683748331666e-1 +
        s *
          (-3.72207876035701323847e-1 +
            s *
              (3.18346619901161753674e-1 +
                s *
                  (-1.10894694282396677476e-1 +
                    s * (3.54783043256182359371e-2 + s * -2.166375594868790843e-3)))));
  const q =
    1 +
    s *
      (1.06420880400844228286e-1 +
        s *
          (5.40397917702171048937e-1 +
            s *
              (7.18286544141962662868e-2 +
                s *
                  (1.26171219808761642112e-1 +
                    s * (1.36370839120290507362e-2 + s * 1.1984499846799107417e-2)))));
  return p / q;
}

/** erfc(t) for 1.25 <= t < 28; exp(-t^2) is formed from the 24-bit head of t, whose square is exact. */
function scaledTail(t: number): number {
  const s = 1 / (t * t);
  const ratio = t < 1 / 0.35 ? middleRatio(s) : farRatio(s);
  const head = Math.fround(t);
  return (Math.exp(-head * head - 0.5625) * Math.exp((head - t) * (head + t) + ratio)) / t;
}

function middleRatio(s: number): number {
  const r =
    -9.86494403484714822705e-3 +
    s *
      (-6.93858572707181764372e-1 +
        s *
          (-1.05586262253232909814e1 +
            s *
              (-6.23753324503260060396e1 +
                s *
                  (-1.62396669462573470355e2 +
                    s *
                      (-1.84605092906711035994e2 +
                        s * (-8.12874355063065934246e1 + s * -9.81432934416914548592))))));
  const q =
    1 +
    s *
      (1.96512716674392571292e1 +
        s *
          (1.376577541435190426e2 +
            s *
              (4.34565877475229228821e2 +
                s *
                  (6.45387271733267880336e2 +
                    s *
                      (4.29008140027567833386e2 +
                        s *
                          (1.08635005541779435134e2 +
                            s * (6.57024977031928170135 + s * -6.04244152148580987438e-2)))))));
  return r / q;
}

function farRatio(s: number): number {
  const r =
    -9.86494292470009928597e-3 +
    s *
      (-7.99283237680523006574e-1 +
        s *
          (-1.77579549177547519889e1 +
            s *
              (-1.60636384855821916062e2 +
                s *
                  (-6.37566443368389627722e2 +
                    s * (-1.02509513161107724954e3 + s * -4.83519191608651397019e2)))));
  const q =
    1 +
    s *
      (3.03380607434824582924e1 +
        s *
          (3.25792512996573918826e2 +
            s *
              (1.53672958608443695994e3 +
                s *
                  (3.19985821950859553908e3 +
                    s *
                      (2.55305040643316442583e3 +
                        s * (4.74528541206955367215e2 + s * -2.24409524465858183362e1))))));
  return r / q;
}
