// needs: numbers
// Math.log, as V8 computes it: fdlibm's e_log.c, step for step; and what the other logarithms share with it.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

/** A positive finite x as 2^exponent · m, m within √½ … √2; `fraction` is the top of the significand's bits. */
struct RlScaled { f64 m; i32 exponent; i32 fraction; };

RL_FN RlScaled rl_scaled(f64 x) {
  i32 exponent = -1023;
  if (x < 2.22507385850720138309e-308) { exponent -= 54; x *= 1.80143985094819840000e+16; }
  const i32 high = (i32)rl_high(x);
  const i32 fraction = high & 0x000fffff;
  const i32 up = (fraction + 0x95f64) & 0x100000;
  RlScaled result;
  result.m = rl_with_high(x, (u32)(fraction | (up ^ 0x3ff00000)));
  result.exponent = exponent + (high >> 20) + (up >> 20);
  result.fraction = fraction;
  return result;
}

/** The polynomial of log(1 + f) in z = (f / (2 + f))², odd and even terms apart. */
RL_FN f64 rl_log_polynomial(f64 z) {
  const f64 w = z * z;
  const f64 evens = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const f64 odds = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  return odds + evens;
}

RL_SLOW f64 rl_log(f64 x) {
  if (x == 0.0) return -rl_infinity();
  if (!(x > 0.0)) return rl_nan();
  if (x == rl_infinity()) return x;
  const f64 ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
  const RlScaled scaled = rl_scaled(x);
  const i32 k = scaled.exponent;
  const f64 dk = (f64)k, f = scaled.m - 1.0;
  if ((0x000fffff & (2 + scaled.fraction)) < 3) {  // |f| below 2⁻²⁰
    if (f == 0.0) return k == 0 ? 0.0 : dk * ln2_high + dk * ln2_low;
    const f64 r = f * f * (0.5 - 0.33333333333333333 * f);
    return k == 0 ? f - r : dk * ln2_high - ((r - dk * ln2_low) - f);
  }
  const f64 s = f / (2.0 + f);
  const f64 r = rl_log_polynomial(s * s);
  if (((scaled.fraction - 0x6147a) | (0x6b851 - scaled.fraction)) > 0) {
    const f64 half_square = 0.5 * f * f;
    return k == 0 ? f - (half_square - s * (half_square + r)) : dk * ln2_high - ((half_square - (s * (half_square + r) + dk * ln2_low)) - f);
  }
  return k == 0 ? f - s * (f - r) : dk * ln2_high - ((s * (f - r) - dk * ln2_low) - f);
}
