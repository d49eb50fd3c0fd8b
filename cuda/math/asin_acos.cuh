// needs: numbers
// Math.asin and Math.acos, as V8 computes them: fdlibm's e_asin.c and e_acos.c, step for step.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

/** (asin(√z) − √z) / √z³, as a quotient of polynomials in z, times z. */
RL_FN f64 rl_asin_ratio(f64 z) {
  const f64 p = z * (1.66666666666666657415e-01 + z * (-3.25565818622400915405e-01 + z * (2.01212532134862925881e-01
    + z * (-4.00555345006794114027e-02 + z * (7.91534994289814532176e-04 + z * 3.47933107596021167570e-05)))));
  const f64 q = 1.0 + z * (-2.40339491173441421878e+00 + z * (2.02094576023350569471e+00 + z * (-6.88283971605453293030e-01 + z * 7.70381505559019352791e-02)));
  return p / q;
}

RL_SLOW f64 rl_asin(f64 x) {
  const f64 pio2_high = 1.57079632679489655800e+00, pio2_low = 6.12323399573676603587e-17, pio4_high = 7.85398163397448278999e-01;
  const f64 magnitude = rl_abs(x);
  if (!(magnitude <= 1.0)) return rl_nan();
  if (magnitude == 1.0) return x * pio2_high + x * pio2_low;
  if (magnitude < 0.5) {
    if ((rl_high(x) & 0x7fffffff) < 0x3e400000) return x;
    return x + x * rl_asin_ratio(x * x);
  }
  // π/2 − 2·asin(√((1 − |x|) / 2)), with the root's own rounding error taken along unless |x| is close to 1.
  const f64 t = (1.0 - magnitude) * 0.5;
  const f64 ratio = rl_asin_ratio(t);
  const f64 root = rl_sqrt(t);
  f64 result;
  if ((rl_high(x) & 0x7fffffff) >= 0x3fef3333) {
    result = pio2_high - (2.0 * (root + root * ratio) - pio2_low);
  } else {
    const f64 head = rl_head(root);
    const f64 correction = (t - head * head) / (root + head);
    const f64 p = 2.0 * root * ratio - (pio2_low - 2.0 * correction);
    result = pio4_high - (p - (pio4_high - 2.0 * head));
  }
  return x > 0.0 ? result : -result;
}

RL_SLOW f64 rl_acos(f64 x) {
  const f64 pi = 3.14159265358979311600e+00, pio2_high = 1.57079632679489655800e+00, pio2_low = 6.12323399573676603587e-17;
  const f64 magnitude = rl_abs(x);
  if (!(magnitude <= 1.0)) return rl_nan();
  if (magnitude == 1.0) return x > 0.0 ? 0.0 : pi;
  if (magnitude < 0.5) {
    if ((rl_high(x) & 0x7fffffff) <= 0x3c600000) return pio2_high;
    return pio2_high - (x - (pio2_low - x * rl_asin_ratio(x * x)));
  }
  const f64 z = (1.0 - magnitude) * 0.5;
  const f64 root = rl_sqrt(z);
  const f64 ratio = rl_asin_ratio(z);
  if (x < 0.0) return pi - 2.0 * (root + (ratio * root - pio2_low));
  const f64 head = rl_head(root);
  const f64 correction = (z - head * head) / (root + head);
  return 2.0 * (head + (ratio * root + correction));
}
