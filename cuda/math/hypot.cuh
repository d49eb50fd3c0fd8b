// needs: numbers
// Math.hypot of any number of arguments, as V8's builtin computes it: squares of the values divided by the greatest, added by Kahan's compensated
// summation (W. Kahan, "Further remarks on reducing truncation errors", CACM 8(1), 1965), and the root scaled back.

/** Adds (value / greatest)² to the compensated sum. */
RL_FN void rl_hypot_add(f64 value, f64 greatest, f64* sum, f64* compensation) {
  const f64 n = rl_abs(value) / greatest;
  const f64 summand = n * n - *compensation;
  const f64 next = *sum + summand;
  *compensation = (next - *sum) - summand;
  *sum = next;
}

RL_SLOW f64 rl_hypot_n(const f64* values, u32 count) {
  f64 greatest = 0.0;
  bool nan = false;
#pragma unroll 1
  for (u32 i = 0; i < count; i++) {
    const f64 magnitude = rl_abs(values[i]);
    if (rl_is_nan(magnitude)) nan = true;
    else if (magnitude > greatest) greatest = magnitude;
  }
  if (greatest == rl_infinity()) return greatest;
  if (nan) return rl_nan();
  if (greatest == 0.0) return 0.0;
  f64 sum = 0.0, compensation = 0.0;
#pragma unroll 1
  for (u32 i = 0; i < count; i++) rl_hypot_add(values[i], greatest, &sum, &compensation);
  return rl_sqrt(sum) * greatest;
}

/** Of non-negative magnitudes, of which `greatest` is the greatest unless one is NaN: what needs no sum, else −1. */
RL_FN f64 rl_hypot_special(f64 greatest, bool nan) { return greatest == rl_infinity() ? greatest : nan ? rl_nan() : greatest == 0.0 ? 0.0 : -1.0; }

RL_SLOW f64 rl_hypot2(f64 x, f64 y) {
  const f64 a = rl_abs(x), b = rl_abs(y);
  const f64 greatest = b > a || rl_is_nan(a) ? b : a;
  const f64 special = rl_hypot_special(greatest, rl_is_nan(a) || rl_is_nan(b));
  if (special != -1.0) return special;
  f64 sum = 0.0, compensation = 0.0;
  rl_hypot_add(a, greatest, &sum, &compensation);
  rl_hypot_add(b, greatest, &sum, &compensation);
  return rl_sqrt(sum) * greatest;
}

RL_SLOW f64 rl_hypot3(f64 x, f64 y, f64 z) {
  const f64 a = rl_abs(x), b = rl_abs(y), c = rl_abs(z);
  f64 greatest = b > a || rl_is_nan(a) ? b : a;
  if (c > greatest || rl_is_nan(greatest)) greatest = c;
  const f64 special = rl_hypot_special(greatest, rl_is_nan(a) || rl_is_nan(b) || rl_is_nan(c));
  if (special != -1.0) return special;
  f64 sum = 0.0, compensation = 0.0;
  rl_hypot_add(a, greatest, &sum, &compensation);
  rl_hypot_add(b, greatest, &sum, &compensation);
  rl_hypot_add(c, greatest, &sum, &compensation);
  return rl_sqrt(sum) * greatest;
}
