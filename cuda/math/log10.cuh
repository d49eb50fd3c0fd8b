// needs: log
// Math.log10, as V8 computes it: fdlibm's e_log10.c, step for step.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

RL_SLOW f64 rl_log10(f64 x) {
  if (x == 0.0) return -rl_infinity();
  if (!(x > 0.0)) return rl_nan();
  if (x == rl_infinity()) return x;
  if (x == 1.0) return 0.0;
  i32 k = -1023;
  if (x < 2.22507385850720138309e-308) { k -= 54; x *= 1.80143985094819840000e+16; }
  const i32 high = (i32)rl_high(x);
  k += high >> 20;
  // Of a negative exponent the next integer towards 0: the significand is then within ½ … 1.
  const i32 below = k < 0 ? 1 : 0;
  const f64 y = (f64)(k + below);
  const f64 m = rl_with_high(x, (u32)((high & 0x000fffff) | ((0x3ff - below) << 20)));
  const f64 z = y * 3.69423907715893078616e-13 + 4.34294481903251816668e-01 * rl_log(m);
  return z + y * 3.01029995663611771306e-01;
}
