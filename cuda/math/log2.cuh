// needs: log
// Math.log2, as V8 computes it: FreeBSD's e_log2.c and k_log.h on top of fdlibm's logarithm, step for step.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

RL_SLOW f64 rl_log2(f64 x) {
  if (x == 0.0) return -rl_infinity();
  if (!(x > 0.0)) return rl_nan();
  if (x == rl_infinity()) return x;
  if (x == 1.0) return 0.0;
  const f64 inverse_high = 1.44269504072144627571e+00, inverse_low = 1.67517131648865118353e-10;
  const RlScaled scaled = rl_scaled(x);
  const f64 y = (f64)scaled.exponent, f = scaled.m - 1.0;
  const f64 half_square = 0.5 * f * f;
  const f64 s = f / (2.0 + f);
  const f64 r = s * (half_square + rl_log_polynomial(s * s));
  // f − f²/2 in two parts, each times 1/ln 2 in two parts, and the exponent added without losing what does not fit.
  const f64 head = rl_head(f - half_square);
  const f64 rest = (f - head) - half_square + r;
  const f64 high = head * inverse_high;
  f64 low = (rest + head) * inverse_low + rest * inverse_high;
  const f64 sum = y + high;
  low += (y - sum) + high;
  return low + sum;
}
