// needs: log, log1p
// Math.asinh and Math.acosh, as V8 computes them: fdlibm's s_asinh.c and e_acosh.c, step for step.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

RL_SLOW f64 rl_asinh(f64 x) {
  const u32 high = rl_high(x) & 0x7fffffff;
  if (high >= 0x7ff00000 || high < 0x3e300000) return x;
  const f64 t = rl_abs(x);
  f64 result;
  if (high > 0x41b00000) result = rl_log(t) + 6.93147180559945286227e-01;
  else if (high > 0x40000000) result = rl_log(2.0 * t + 1.0 / (rl_sqrt(x * x + 1.0) + t));
  else result = rl_log1p(t + x * x / (1.0 + rl_sqrt(1.0 + x * x)));
  return x > 0.0 ? result : -result;
}

RL_SLOW f64 rl_acosh(f64 x) {
  if (!(x >= 1.0)) return rl_nan();
  const u32 high = rl_high(x);
  if (high >= 0x41b00000) return high >= 0x7ff00000 ? x : rl_log(x) + 6.93147180559945286227e-01;
  if (x == 1.0) return 0.0;
  if (high > 0x40000000) return rl_log(2.0 * x - 1.0 / (x + rl_sqrt(x * x - 1.0)));
  const f64 t = x - 1.0;
  return rl_log1p(t + rl_sqrt(2.0 * t + t * t));
}
