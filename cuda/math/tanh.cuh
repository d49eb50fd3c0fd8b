// needs: expm1
// Math.tanh, as V8 computes it: fdlibm's s_tanh.c, step for step.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

RL_SLOW f64 rl_tanh(f64 x) {
  if (rl_is_nan(x)) return rl_nan();
  const u32 high = rl_high(x) & 0x7fffffff;
  if (high < 0x3e300000) return x;
  f64 result = 1.0;
  if (high < 0x40360000) {
    const f64 magnitude = rl_abs(x);
    if (high >= 0x3ff00000) {
      result = 1.0 - 2.0 / (rl_expm1(2.0 * magnitude) + 2.0);
    } else {
      const f64 t = rl_expm1(-2.0 * magnitude);
      result = -t / (t + 2.0);
    }
  }
  return x < 0.0 ? -result : result;
}
