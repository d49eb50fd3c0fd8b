// needs: log1p
// Math.atanh, as V8 computes it: fdlibm's e_atanh.c, step for step.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

RL_SLOW f64 rl_atanh(f64 x) {
  const f64 t = rl_abs(x);
  if (!(t <= 1.0)) return rl_nan();
  if (t == 1.0) return x > 0.0 ? rl_infinity() : -rl_infinity();
  if (rl_high(t) < 0x3e300000) return x;
  const f64 twice = t + t;
  const f64 result = 0.5 * (t < 0.5 ? rl_log1p(twice + twice * t / (1.0 - t)) : rl_log1p(twice / (1.0 - t)));
  return x < 0.0 ? -result : result;
}
