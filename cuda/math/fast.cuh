// needs: numbers
// The functions of `math: 'fast'`: CUDA's own in f64 (CUDA C++ Programming Guide, "Mathematical Functions": at most 2 ulp each), opted into by name.
// They differ from the exact ones in the last bits, and so between devices. With RL_SIM the C library's take their place.
#ifdef RL_SIM
#define RL_LIBRARY(name) __builtin_##name
#else
#define RL_LIBRARY(name) name
#endif

RL_FN f64 rl_fast_sin(f64 x) { return RL_LIBRARY(sin)(x); }
RL_FN f64 rl_fast_cos(f64 x) { return RL_LIBRARY(cos)(x); }
RL_FN f64 rl_fast_tan(f64 x) { return RL_LIBRARY(tan)(x); }
RL_FN f64 rl_fast_asin(f64 x) { return RL_LIBRARY(asin)(x); }
RL_FN f64 rl_fast_acos(f64 x) { return RL_LIBRARY(acos)(x); }
RL_FN f64 rl_fast_atan(f64 x) { return RL_LIBRARY(atan)(x); }
RL_FN f64 rl_fast_sinh(f64 x) { return RL_LIBRARY(sinh)(x); }
RL_FN f64 rl_fast_cosh(f64 x) { return RL_LIBRARY(cosh)(x); }
RL_FN f64 rl_fast_tanh(f64 x) { return RL_LIBRARY(tanh)(x); }
RL_FN f64 rl_fast_asinh(f64 x) { return RL_LIBRARY(asinh)(x); }
RL_FN f64 rl_fast_acosh(f64 x) { return RL_LIBRARY(acosh)(x); }
RL_FN f64 rl_fast_atanh(f64 x) { return RL_LIBRARY(atanh)(x); }
RL_FN f64 rl_fast_exp(f64 x) { return RL_LIBRARY(exp)(x); }
RL_FN f64 rl_fast_expm1(f64 x) { return RL_LIBRARY(expm1)(x); }
RL_FN f64 rl_fast_log(f64 x) { return RL_LIBRARY(log)(x); }
RL_FN f64 rl_fast_log1p(f64 x) { return RL_LIBRARY(log1p)(x); }
RL_FN f64 rl_fast_log2(f64 x) { return RL_LIBRARY(log2)(x); }
RL_FN f64 rl_fast_log10(f64 x) { return RL_LIBRARY(log10)(x); }
RL_FN f64 rl_fast_cbrt(f64 x) { return RL_LIBRARY(cbrt)(x); }
RL_FN f64 rl_fast_atan2(f64 y, f64 x) { return RL_LIBRARY(atan2)(y, x); }
/** JavaScript's special cases stay: C's pow makes 1 ** NaN and (±1) ** ±∞ 1. */
RL_FN f64 rl_fast_pow(f64 x, f64 y) { return rl_abs(x) == 1.0 && !rl_is_finite(y) ? rl_nan() : RL_LIBRARY(pow)(x, y); }
RL_FN f64 rl_fast_hypot2(f64 x, f64 y) { return RL_LIBRARY(hypot)(x, y); }
RL_FN f64 rl_fast_hypot3(f64 x, f64 y, f64 z) { return RL_LIBRARY(hypot)(RL_LIBRARY(hypot)(x, y), z); }
RL_SLOW f64 rl_fast_hypot_n(const f64* values, u32 count) {
  f64 result = 0.0;
#pragma unroll 1
  for (u32 i = 0; i < count; i++) result = RL_LIBRARY(hypot)(result, values[i]);
  return result;
}
