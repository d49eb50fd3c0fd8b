// needs: numbers
// Math.expm1, as V8 computes it: fdlibm's s_expm1.c, step for step.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

/** x = k·ln 2 + r; 2ᵏ·(expm1(r) + 1) − 1, put together differently for each k so that little cancels. */
RL_SLOW f64 rl_expm1(f64 x) {
  if (rl_is_nan(x)) return rl_nan();
  if (x > 7.09782712893383973096e+02) return rl_infinity();
  const f64 ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
  const u32 high = rl_high(x) & 0x7fffffff;
  const bool negative = x < 0.0;
  if (negative && high >= 0x4043687a) return -1.0;
  f64 above, below, r = x, c = 0.0;
  i32 k = 0;
  if (high > 0x3fd62e42) {
    if (high < 0x3ff0a2b2) {
      above = negative ? x + ln2_high : x - ln2_high;
      below = negative ? -ln2_low : ln2_low;
      k = negative ? -1 : 1;
    } else {
      k = (i32)(1.44269504088896338700e+00 * x + (negative ? -0.5 : 0.5));
      above = x - (f64)k * ln2_high;
      below = (f64)k * ln2_low;
    }
    r = above - below;
    c = (above - r) - below;
  } else if (high < 0x3c900000) {
    return x;
  }
  const f64 half = 0.5 * r, square = r * half;
  const f64 r1 = 1.0 + square * (-3.33333333333331316428e-02 + square * (1.58730158725481460165e-03 + square * (-7.93650757867487942473e-05
    + square * (4.00821782732936239552e-06 + square * -2.01099218183624371326e-07))));
  const f64 t = 3.0 - r1 * half;
  f64 e = square * ((r1 - t) / (6.0 - r * t));
  if (k == 0) return r - (r * e - square);
  e = (r * (e - c) - c) - square;
  if (k == -1) return 0.5 * (r - e) - 0.5;
  if (k == 1) return r < -0.25 ? -2.0 * (e - (r + 0.5)) : 1.0 + 2.0 * (r - e);
  if (k == 1024) return (1.0 - (e - r)) * 2.0 * 8.98846567431157953865e+307 - 1.0;
  const f64 power = rl_from_words((u32)(k + 1023) << 20, 0);
  if (k <= -2 || k > 56) return (1.0 - (e - r)) * power - 1.0;
  if (k < 20) return (rl_from_words(0x3ff00000u - (0x200000u >> k), 0) - (e - r)) * power;
  return ((r - (e + rl_from_words((u32)(0x3ff - k) << 20, 0))) + 1.0) * power;
}
