// needs: numbers
// Math.log1p, as V8 computes it: fdlibm's s_log1p.c, step for step.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

RL_SLOW f64 rl_log1p(f64 x) {
  if (x == -1.0) return -rl_infinity();
  if (!(x > -1.0)) return rl_nan();
  if (x == rl_infinity()) return x;
  const f64 ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
  const i32 high = (i32)rl_high(x);
  const i32 magnitude = high & 0x7fffffff;
  if (magnitude < 0x3e200000) return magnitude < 0x3c900000 ? x : x - x * x * 0.5;
  // 1 + x = 2ᵏ·(1 + f); what 1 + x loses by rounding comes back as `correction`.
  i32 k = 0, fraction = 1;
  f64 f = x, correction = 0.0;
  if (!(high < 0x3fda827a && (high > 0 || high <= (i32)0xbfd2bec4))) {
    f64 u = x;
    if (high < 0x43400000) {
      u = 1.0 + x;
      k = (i32)(rl_high(u) >> 20) - 1023;
      correction = (k > 0 ? 1.0 - (u - x) : x - (u - 1.0)) / u;
    } else {
      k = (i32)(rl_high(u) >> 20) - 1023;
    }
    fraction = (i32)(rl_high(u) & 0x000fffff);
    if (fraction < 0x6a09e) {
      u = rl_with_high(u, (u32)fraction | 0x3ff00000u);
    } else {
      k += 1;
      u = rl_with_high(u, (u32)fraction | 0x3fe00000u);
      fraction = (0x00100000 - fraction) >> 2;
    }
    f = u - 1.0;
  }
  const f64 dk = (f64)k, half_square = 0.5 * f * f;
  if (fraction == 0) {  // |f| below 2⁻²⁰
    if (f == 0.0) return k == 0 ? 0.0 : dk * ln2_high + (correction + dk * ln2_low);
    const f64 r = half_square * (1.0 - 0.66666666666666666 * f);
    return k == 0 ? f - r : dk * ln2_high - ((r - (dk * ln2_low + correction)) - f);
  }
  const f64 s = f / (2.0 + f), z = s * s;
  const f64 r = z * (6.666666666666735130e-01 + z * (3.999999999940941908e-01 + z * (2.857142874366239149e-01 + z * (2.222219843214978396e-01
    + z * (1.818357216161805012e-01 + z * (1.531383769920937332e-01 + z * 1.479819860511658591e-01))))));
  return k == 0 ? f - (half_square - s * (half_square + r)) : dk * ln2_high - ((half_square - (s * (half_square + r) + (dk * ln2_low + correction))) - f);
}
