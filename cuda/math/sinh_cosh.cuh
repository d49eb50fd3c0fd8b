// needs: exp, expm1
// Math.sinh and Math.cosh, as V8 computes them: fdlibm's e_sinh.c and e_cosh.c with V8's thresholds, step for step.
// fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved.

RL_SLOW f64 rl_sinh(f64 x) {
  const f64 half = x < 0.0 ? -0.5 : 0.5;
  const f64 magnitude = rl_abs(x);
  if (magnitude < 22.0) {
    if (magnitude < 3.725290298461914e-9) return x;
    const f64 t = rl_expm1(magnitude);
    return magnitude < 1.0 ? half * (2.0 * t - t * t / (t + 1.0)) : half * (t + t / (t + 1.0));
  }
  if (magnitude < 709.7822265625) return half * rl_exp(magnitude);
  if (magnitude <= 710.4758600739439) {
    const f64 w = rl_exp(0.5 * magnitude);
    return half * w * w;
  }
  return x * 1.0e307;
}

RL_SLOW f64 rl_cosh(f64 x) {
  const f64 magnitude = rl_abs(x);
  const u32 high = rl_high(magnitude);
  if (high < 0x3fd62e43) {
    const f64 t = rl_expm1(magnitude), w = 1.0 + t;
    return high < 0x3c800000 ? w : 1.0 + (t * t) / (w + w);
  }
  if (high < 0x40360000) {
    const f64 t = rl_exp(magnitude);
    return 0.5 * t + 0.5 / t;
  }
  if (high < 0x40862e42) return 0.5 * rl_exp(magnitude);
  if (magnitude <= 710.4758600739439) {
    const f64 w = rl_exp(0.5 * magnitude);
    return 0.5 * w * w;
  }
  return rl_is_nan(x) ? rl_nan() : rl_infinity();
}
