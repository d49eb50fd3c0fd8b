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
  for (u32 i = 0; i < count; i++) {
    const f64 magnitude = rl_abs(values[i]);
    if (rl_is_nan(magnitude)) nan = true;
    else if (magnitude > greatest) greatest = magnitude;
  }
  if (greatest == rl_infinity()) return greatest;
  if (nan) return rl_nan();
  if (greatest == 0.0) return 0.0;
  f64 sum = 0.0, compensation = 0.0;
  for (u32 i = 0; i < count; i++) rl_hypot_add(values[i], greatest, &sum, &compensation);
  return rl_sqrt(sum) * greatest;
}

RL_FN f64 rl_hypot2(f64 x, f64 y) {
  const f64 values[2] = { x, y };
  return rl_hypot_n(values, 2);
}

RL_FN f64 rl_hypot3(f64 x, f64 y, f64 z) {
  const f64 values[3] = { x, y, z };
  return rl_hypot_n(values, 3);
}
