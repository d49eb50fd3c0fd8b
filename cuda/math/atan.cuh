// needs: numbers
// Math.atan and Math.atan2, as V8 computes them: fdlibm's s_atan.c and e_atan2.c, step for step.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

/** x − atan(x) over x: the polynomial's odd and even terms apart. */
RL_FN f64 rl_atan_polynomial(f64 x) {
  const f64 z = x * x, w = z * z;
  const f64 odds = z * (3.33333333333329318027e-01 + w * (1.42857142725034663711e-01 + w * (9.09088713343650656196e-02
    + w * (6.66107313738753120669e-02 + w * (4.97687799461593236017e-02 + w * 1.62858201153657823623e-02)))));
  const f64 evens = w * (-1.99999999998764832476e-01 + w * (-1.11111104054623557880e-01 + w * (-7.69187620504482999495e-02
    + w * (-5.83357013379057348645e-02 + w * -3.65315727442169155270e-02))));
  return odds + evens;
}

/** By the angle difference to atan(0), atan(1/2), atan(1), atan(3/2) or atan(∞), whichever is near. */
RL_SLOW f64 rl_atan(f64 x) {
  if (rl_is_nan(x)) return rl_nan();
  const u32 high = rl_high(x) & 0x7fffffff;
  if (high >= 0x44100000) return x > 0.0 ? 1.57079632679489655800e+00 : -1.57079632679489655800e+00;
  if (high < 0x3fdc0000) return high < 0x3e400000 ? x : x - x * rl_atan_polynomial(x);
  f64 t = rl_abs(x), near_high, near_low;
  if (high < 0x3fe60000) {
    near_high = 4.63647609000806093515e-01; near_low = 2.26987774529616870924e-17;
    t = (2.0 * t - 1.0) / (2.0 + t);
  } else if (high < 0x3ff30000) {
    near_high = 7.85398163397448278999e-01; near_low = 3.06161699786838301793e-17;
    t = (t - 1.0) / (t + 1.0);
  } else if (high < 0x40038000) {
    near_high = 9.82793723247329054082e-01; near_low = 1.39033110312309984516e-17;
    t = (t - 1.5) / (1.0 + 1.5 * t);
  } else {
    near_high = 1.57079632679489655800e+00; near_low = 6.12323399573676603587e-17;
    t = -1.0 / t;
  }
  const f64 result = near_high - ((t * rl_atan_polynomial(t) - near_low) - t);
  return x < 0.0 ? -result : result;
}

/** `y` with the sign of `like`. */
RL_FN f64 rl_copy_sign(f64 y, f64 like) { return rl_from_bits((rl_bits(y) & 0x7fffffffffffffffull) | (rl_bits(like) & 0x8000000000000000ull)); }

RL_SLOW f64 rl_atan2(f64 y, f64 x) {
  const f64 pi = 3.1415926535897931160e+00, half_pi = 1.5707963267948965580e+00, quarter_pi = 7.8539816339744827900e-01, pi_low = 1.2246467991473531772e-16;
  if (rl_is_nan(x) || rl_is_nan(y)) return rl_nan();
  if (x == 1.0) return rl_atan(y);
  const bool left = (rl_high(x) >> 31) != 0;
  const f64 width = rl_abs(x), height = rl_abs(y), infinity = rl_infinity();
  if (height == 0.0) return left ? rl_copy_sign(pi, y) : y;
  if (width == 0.0) return rl_copy_sign(half_pi, y);
  if (width == infinity) {
    const f64 angle = height == infinity ? (left ? 3.0 * quarter_pi : quarter_pi) : (left ? pi : 0.0);
    return rl_copy_sign(angle, y);
  }
  if (height == infinity) return rl_copy_sign(half_pi, y);
  const i32 ratio = ((i32)rl_high(height) - (i32)rl_high(width)) >> 20;
  if (ratio > 60) return rl_copy_sign(half_pi, y);
  const f64 angle = left && ratio < -60 ? 0.0 : rl_atan(rl_abs(y / x));
  if (!left) return y < 0.0 ? -angle : angle;
  return y < 0.0 ? (angle - pi_low) - pi : pi - (angle - pi_low);
}
