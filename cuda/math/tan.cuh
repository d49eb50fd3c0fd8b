// needs: rem_pio2
// Math.tan, as V8 computes it: fdlibm's s_tan.c and k_tan.c, step for step. fdlibm is Copyright (C) 1993-2004 by Sun Microsystems, Inc. All rights
// reserved. Developed at SunSoft. Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.

/** −1/(head + rest) where w = head + rest rounded: the quotient's own head is corrected by what it misses. */
RL_FN f64 rl_minus_reciprocal(f64 w, f64 head, f64 rest) {
  const f64 quotient = -1.0 / w;
  const f64 t = rl_head(quotient);
  return t + quotient * ((1.0 + t * head) + t * rest);
}

/** Tangent of x + tail, |x| up to π/4; `odd`: −1 / tangent. From 0.6744 on by way of π/4 − x. */
RL_FN f64 rl_kernel_tan(f64 x, f64 tail, bool odd) {
  const u32 high = rl_high(x) & 0x7fffffff;
  if (high < 0x3e300000) {
    if (!odd) return x;
    const f64 w = x + tail, head = rl_head(w);
    return rl_minus_reciprocal(w, head, tail - (head - x));
  }
  const bool near = high >= 0x3fe59428;
  const bool negative = x < 0.0;
  if (near) {
    const f64 z = 7.85398163397448278999e-01 - (negative ? -x : x);
    x = z + (3.06161699786838301793e-17 - (negative ? -tail : tail));
    tail = 0.0;
  }
  const f64 z = x * x, w = z * z;
  // Odd and even terms apart, so that they can be computed side by side.
  const f64 odds = 1.33333333333201242699e-01 + w * (2.18694882948595424599e-02 + w * (3.59207910759131235356e-03 + w * (5.88041240820264096874e-04
    + w * (7.81794442939557092300e-05 + w * -1.85586374855275456654e-05))));
  const f64 evens = z * (5.39682539762260521377e-02 + w * (8.86323982359930005737e-03 + w * (1.45620945432529025516e-03 + w * (2.46463134818469906812e-04
    + w * (7.14072491382608190305e-05 + w * 2.59073051863633712884e-05)))));
  const f64 cube = z * x;
  f64 rest = tail + z * (cube * (odds + evens) + tail);
  rest += 3.33333333333334091986e-01 * cube;
  const f64 sum = x + rest;
  if (near) {
    const f64 v = odd ? -1.0 : 1.0;
    const f64 result = v - 2.0 * (x - (sum * sum / (sum + v) - rest));
    return negative ? -result : result;
  }
  if (!odd) return sum;
  const f64 head = rl_head(sum);
  return rl_minus_reciprocal(sum, head, rest - (head - x));
}

RL_SLOW f64 rl_tan(f64 x) {
  const u32 high = rl_high(x) & 0x7fffffff;
  if (high <= 0x3fe921fb) return rl_kernel_tan(x, 0.0, false);
  if (high >= 0x7ff00000) return rl_nan();
  const RlReduced reduced = rl_rem_pio2(x);
  return rl_kernel_tan(reduced.value, reduced.tail, (reduced.quadrant & 1) != 0);
}
