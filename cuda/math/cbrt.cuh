// needs: numbers
// Math.cbrt, as V8 computes it: FreeBSD's s_cbrt.c, step for step, which goes back to fdlibm's.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

RL_SLOW f64 rl_cbrt(f64 x) {
  const u32 high = rl_high(x) & 0x7fffffff, sign = rl_high(x) & 0x80000000u;
  if (high >= 0x7ff00000 || x == 0.0) return x;
  // Five bits by dividing the exponent by three, 23 by a polynomial, the rest by one Newton step from a value that is exact in 23 bits.
  f64 t;
  if (high < 0x00100000) t = rl_from_words(sign | ((rl_high(1.80143985094819840000e+16 * x) & 0x7fffffff) / 3 + 696219795u), 0);
  else t = rl_from_words(sign | (high / 3 + 715094163u), 0);
  const f64 r = (t * t) * (t / x);
  t = t * ((1.87595182427177009643 + r * (-1.88497979543377169875 + r * 1.621429720105354466140)) + ((r * r) * r) * (-0.758397934778766047437 + r * 0.145996192886612446982));
  t = rl_from_bits((rl_bits(t) + 0x80000000ull) & 0xffffffffc0000000ull);
  const f64 quotient = x / (t * t);
  return t + t * ((quotient - t) / ((t + t) + quotient));
}
