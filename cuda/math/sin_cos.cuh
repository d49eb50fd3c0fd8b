// needs: rem_pio2
// Math.sin and Math.cos, as V8 computes them: fdlibm's s_sin.c, s_cos.c, k_sin.c and k_cos.c, step for step. fdlibm is Copyright (C) 1993 by Sun
// Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and distribute this software is freely granted,
// provided that this notice is preserved.

/** Cosine of x + tail, |x| up to π/4: 1 − x²/2 + a polynomial, where for larger x a piece of x²/2 is taken off beforehand, exactly. */
RL_FN f64 rl_kernel_cos(f64 x, f64 tail) {
  const i32 high = (i32)(rl_high(x) & 0x7fffffff);
  if (high < 0x3e400000) return 1.0;
  const f64 z = x * x;
  const f64 r = z * (4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 + z * (2.48015872894767294178e-05
    + z * (-2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))));
  if (high < 0x3fd33333) return 1.0 - (0.5 * z - (z * r - x * tail));
  const f64 piece = high > 0x3fe90000 ? 0.28125 : rl_from_words((u32)high - 0x00200000, 0);
  const f64 rest = 0.5 * z - piece;
  return (1.0 - piece) - (rest - (z * r - x * tail));
}

/** The part of the sine's polynomial that both forms share. */
RL_FN f64 rl_kernel_sin_polynomial(f64 z) {
  return 8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 + z * (2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)));
}

/** Sine of x, |x| up to π/4. */
RL_FN f64 rl_kernel_sin(f64 x) {
  if ((rl_high(x) & 0x7fffffff) < 0x3e400000) return x;
  const f64 z = x * x;
  return x + z * x * (-1.66666666666666324348e-01 + z * rl_kernel_sin_polynomial(z));
}

/** Sine of x + tail, |x| up to π/4. */
RL_FN f64 rl_kernel_sin_tail(f64 x, f64 tail) {
  if ((rl_high(x) & 0x7fffffff) < 0x3e400000) return x;
  const f64 z = x * x, v = z * x;
  return x - ((z * (0.5 * tail - v * rl_kernel_sin_polynomial(z)) - tail) - v * -1.66666666666666324348e-01);
}

RL_SLOW f64 rl_sin(f64 x) {
  const u32 high = rl_high(x) & 0x7fffffff;
  if (high <= 0x3fe921fb) return rl_kernel_sin(x);
  if (high >= 0x7ff00000) return rl_nan();
  const RlReduced reduced = rl_rem_pio2(x);
  const f64 result = (reduced.quadrant & 1) != 0 ? rl_kernel_cos(reduced.value, reduced.tail) : rl_kernel_sin_tail(reduced.value, reduced.tail);
  return (reduced.quadrant & 2) != 0 ? -result : result;
}

RL_SLOW f64 rl_cos(f64 x) {
  const u32 high = rl_high(x) & 0x7fffffff;
  if (high <= 0x3fe921fb) return rl_kernel_cos(x, 0.0);
  if (high >= 0x7ff00000) return rl_nan();
  const RlReduced reduced = rl_rem_pio2(x);
  const f64 result = (reduced.quadrant & 1) != 0 ? rl_kernel_sin_tail(reduced.value, reduced.tail) : rl_kernel_cos(reduced.value, reduced.tail);
  return ((reduced.quadrant + 1) & 2) != 0 ? -result : result;
}
