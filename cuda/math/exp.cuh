// needs: numbers
// Math.exp, as V8 computes it: fdlibm's e_exp.c with V8's exact e for exp(1), step for step.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

/** x = k·ln 2 + r; 2ᵏ times a quotient of polynomials in r. */
RL_SLOW f64 rl_exp(f64 x) {
  if (rl_is_nan(x)) return rl_nan();
  if (x > 7.09782712893383973096e+02) return rl_infinity();
  if (x < -7.45133219101941108420e+02) return 0.0;
  const f64 ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
  const u32 high = rl_high(x) & 0x7fffffff;
  const bool negative = x < 0.0;
  f64 above = 0.0, below = 0.0, r = x;
  i32 k = 0;
  if (high > 0x3fd62e42) {
    if (high < 0x3ff0a2b2) {
      if (x == 1.0) return 2.718281828459045;
      above = negative ? x + ln2_high : x - ln2_high;
      below = negative ? -ln2_low : ln2_low;
      k = negative ? -1 : 1;
    } else {
      k = (i32)(1.44269504088896338700e+00 * x + (negative ? -0.5 : 0.5));
      above = x - (f64)k * ln2_high;
      below = (f64)k * ln2_low;
    }
    r = above - below;
  } else if (high < 0x3e300000) {
    return 1.0 + x;
  }
  const f64 t = r * r;
  const f64 c = r - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * (6.61375632143793436117e-05
    + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
  if (k == 0) return 1.0 - ((r * c) / (c - 2.0) - r);
  const f64 y = 1.0 - ((below - (r * c) / (2.0 - c)) - above);
  if (k == 1024) return y * 2.0 * 8.98846567431157953865e+307;
  if (k >= -1021) return y * rl_from_words((u32)(k + 1023) << 20, 0);
  return y * rl_from_words((u32)(k + 1000 + 1023) << 20, 0) * 9.33263618503218878990e-302;
}
