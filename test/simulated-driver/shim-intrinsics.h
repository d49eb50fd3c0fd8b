// CUDA's arithmetic and atomic intrinsics in g++'s terms. Compiled with -ffp-contract=off, so that every operation rounds once, as `_rn` says.
#pragma once

#define RL_SIM_FN static inline __attribute__((unused))

template <class To, class From> RL_SIM_FN To rl_sim_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "bits of the same number");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}
RL_SIM_FN unsigned __float_as_uint(float v) { return rl_sim_bits<unsigned>(v); }
RL_SIM_FN int __float_as_int(float v) { return rl_sim_bits<int>(v); }
RL_SIM_FN float __uint_as_float(unsigned v) { return rl_sim_bits<float>(v); }
RL_SIM_FN float __int_as_float(int v) { return rl_sim_bits<float>(v); }
RL_SIM_FN long long __double_as_longlong(double v) { return rl_sim_bits<long long>(v); }
RL_SIM_FN double __longlong_as_double(long long v) { return rl_sim_bits<double>(v); }
RL_SIM_FN int __double2hiint(double v) { return int(rl_sim_bits<long long>(v) >> 32); }
RL_SIM_FN int __double2loint(double v) { return int(rl_sim_bits<long long>(v)); }
RL_SIM_FN double __hiloint2double(int high, int low) { return rl_sim_bits<double>((long long)(((unsigned long long)(unsigned)high << 32) | (unsigned)low)); }

RL_SIM_FN float __fadd_rn(float a, float b) { return a + b; }
RL_SIM_FN float __fsub_rn(float a, float b) { return a - b; }
RL_SIM_FN float __fmul_rn(float a, float b) { return a * b; }
RL_SIM_FN float __fdiv_rn(float a, float b) { return a / b; }
RL_SIM_FN float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
RL_SIM_FN float __frcp_rn(float a) { return 1.0f / a; }
RL_SIM_FN float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
RL_SIM_FN double __dadd_rn(double a, double b) { return a + b; }
RL_SIM_FN double __dsub_rn(double a, double b) { return a - b; }
RL_SIM_FN double __dmul_rn(double a, double b) { return a * b; }
RL_SIM_FN double __ddiv_rn(double a, double b) { return a / b; }
RL_SIM_FN double __dsqrt_rn(double a) { return __builtin_sqrt(a); }
RL_SIM_FN double __drcp_rn(double a) { return 1.0 / a; }
RL_SIM_FN double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }

// Conversions that saturate and take NaN to 0, as PTX's cvt does, where C++ leaves them undefined.
template <class Whole> RL_SIM_FN Whole rl_sim_saturated(double v, double low, double beyond, Whole least, Whole most) {
  return v != v ? Whole(0) : v < low ? least : v >= beyond ? most : Whole(v);
}
RL_SIM_FN int __double2int_rz(double v) { return rl_sim_saturated<int>(v, -2147483648.0, 2147483648.0, -2147483647 - 1, 2147483647); }
RL_SIM_FN unsigned __double2uint_rz(double v) { return rl_sim_saturated<unsigned>(v, 0.0, 4294967296.0, 0u, 4294967295u); }
RL_SIM_FN long long __double2ll_rz(double v) { return rl_sim_saturated<long long>(v, -9223372036854775808.0, 9223372036854775808.0, -9223372036854775807LL - 1, 9223372036854775807LL); }
RL_SIM_FN unsigned long long __double2ull_rz(double v) { return rl_sim_saturated<unsigned long long>(v, 0.0, 18446744073709551616.0, 0ULL, 18446744073709551615ULL); }
RL_SIM_FN int __float2int_rz(float v) { return __double2int_rz(v); }
RL_SIM_FN unsigned __float2uint_rz(float v) { return __double2uint_rz(v); }
RL_SIM_FN float __double2float_rn(double v) { return float(v); }
RL_SIM_FN double __int2double_rn(int v) { return v; }
RL_SIM_FN double __uint2double_rn(unsigned v) { return v; }
RL_SIM_FN double __ll2double_rn(long long v) { return double(v); }
RL_SIM_FN double __ull2double_rn(unsigned long long v) { return double(v); }
RL_SIM_FN float __int2float_rn(int v) { return float(v); }
RL_SIM_FN float __uint2float_rn(unsigned v) { return float(v); }
RL_SIM_FN float __ll2float_rn(long long v) { return float(v); }
RL_SIM_FN float __ull2float_rn(unsigned long long v) { return float(v); }

RL_SIM_FN int __clz(int v) { return v == 0 ? 32 : __builtin_clz(unsigned(v)); }
RL_SIM_FN int __clzll(long long v) { return v == 0 ? 64 : __builtin_clzll((unsigned long long)v); }
RL_SIM_FN int __popc(unsigned v) { return __builtin_popcount(v); }
RL_SIM_FN int __popcll(unsigned long long v) { return __builtin_popcountll(v); }
RL_SIM_FN int __ffs(int v) { return __builtin_ffs(v); }
RL_SIM_FN unsigned __umulhi(unsigned a, unsigned b) { return unsigned(((unsigned long long)a * b) >> 32); }
RL_SIM_FN int __mulhi(int a, int b) { return int(((long long)a * b) >> 32); }
RL_SIM_FN long long __mul64hi(long long a, long long b) { return (long long)(((__int128)a * b) >> 64); }
RL_SIM_FN unsigned long long __umul64hi(unsigned long long a, unsigned long long b) { return (unsigned long long)(((unsigned __int128)a * b) >> 64); }

// CUDA's min and max are overloads in the global namespace; those of floating point prefer a number to a NaN, as fmin does.
#define RL_SIM_MIN_MAX(T) \
  RL_SIM_FN T min(T a, T b) { return b < a ? b : a; } \
  RL_SIM_FN T max(T a, T b) { return a < b ? b : a; }
RL_SIM_MIN_MAX(int)
RL_SIM_MIN_MAX(unsigned)
RL_SIM_MIN_MAX(long)
RL_SIM_MIN_MAX(unsigned long)
RL_SIM_MIN_MAX(long long)
RL_SIM_MIN_MAX(unsigned long long)
RL_SIM_FN float min(float a, float b) { return __builtin_fminf(a, b); }
RL_SIM_FN float max(float a, float b) { return __builtin_fmaxf(a, b); }
RL_SIM_FN double min(double a, double b) { return __builtin_fmin(a, b); }
RL_SIM_FN double max(double a, double b) { return __builtin_fmax(a, b); }

// CUDA's atomics are relaxed.
template <class T, class Change> RL_SIM_FN T rl_sim_update(T *at, Change change) {
  T seen = __atomic_load_n(at, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(at, &seen, change(seen), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
  return seen;
}
#define RL_SIM_ATOMICS(T) \
  RL_SIM_FN T atomicAdd(T *at, T v) { return __atomic_fetch_add(at, v, __ATOMIC_RELAXED); } \
  RL_SIM_FN T atomicSub(T *at, T v) { return __atomic_fetch_sub(at, v, __ATOMIC_RELAXED); } \
  RL_SIM_FN T atomicAnd(T *at, T v) { return __atomic_fetch_and(at, v, __ATOMIC_RELAXED); } \
  RL_SIM_FN T atomicOr(T *at, T v) { return __atomic_fetch_or(at, v, __ATOMIC_RELAXED); } \
  RL_SIM_FN T atomicXor(T *at, T v) { return __atomic_fetch_xor(at, v, __ATOMIC_RELAXED); } \
  RL_SIM_FN T atomicExch(T *at, T v) { return __atomic_exchange_n(at, v, __ATOMIC_RELAXED); } \
  RL_SIM_FN T atomicMin(T *at, T v) { return rl_sim_update(at, [v](T seen) { return v < seen ? v : seen; }); } \
  RL_SIM_FN T atomicMax(T *at, T v) { return rl_sim_update(at, [v](T seen) { return seen < v ? v : seen; }); } \
  RL_SIM_FN T atomicCAS(T *at, T expected, T v) { \
    __atomic_compare_exchange_n(at, &expected, v, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED); \
    return expected; \
  }
RL_SIM_ATOMICS(int)
RL_SIM_ATOMICS(unsigned)
RL_SIM_ATOMICS(long long)
RL_SIM_ATOMICS(unsigned long long)
RL_SIM_FN float atomicAdd(float *at, float v) {
  unsigned *word = reinterpret_cast<unsigned *>(at);
  return __uint_as_float(rl_sim_update(word, [v](unsigned seen) { return __float_as_uint(__uint_as_float(seen) + v); }));
}

struct alignas(8) uint2 { unsigned x, y; };
struct uint3 { unsigned x, y, z; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) double2 { double x, y; };
RL_SIM_FN uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return { x, y, z, w }; }
RL_SIM_FN float4 make_float4(float x, float y, float z, float w) { return { x, y, z, w }; }
