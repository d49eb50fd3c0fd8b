// JavaScript's conversions, shifts, remainders and rounding, to the bit. Part of the device prelude: no #include; ring.cuh comes before it
// (u8 … f64, RL_FN, RL_SLOW). With RL_SIM the same text is C++ for the host, where the tests compare it with Node.
//
// Plain + - * / of f64 and f32 in emitted code are exact as they stand: it is compiled with --fmad=false --prec-div=true --prec-sqrt=true
// --ftz=false (g++: -ffp-contract=off), so nothing is contracted, approximated or flushed. NaNs count as one class: their bits are nobody's promise.

// A program uses few of these functions: NVRTC need not name the others.
#ifndef RL_SIM
#pragma nv_diag_suppress 177
#endif

// A constant table: in global memory on the device, where a divergent index costs less than in constant memory.
#ifdef RL_SIM
#define RL_TABLE static const
#else
#define RL_TABLE static __device__ const
#endif

// ---- Bits of floating-point numbers, and the few operations that host and device spell differently.
#ifdef RL_SIM
RL_FN u64 rl_bits(f64 x) { return __builtin_bit_cast(u64, x); }
RL_FN f64 rl_from_bits(u64 bits) { return __builtin_bit_cast(f64, bits); }
RL_FN f64 rl_floor(f64 x) { return __builtin_floor(x); }
RL_FN f64 rl_ceil(f64 x) { return __builtin_ceil(x); }
RL_FN f64 rl_trunc(f64 x) { return __builtin_trunc(x); }
RL_FN f64 rl_abs(f64 x) { return __builtin_fabs(x); }
RL_FN f64 rl_sqrt(f64 x) { return __builtin_sqrt(x); }
RL_FN f64 rl_fma(f64 x, f64 y, f64 z) { return __builtin_fma(x, y, z); }
RL_FN u32 rl_clz32(u32 x) { return x == 0 ? 32u : (u32)__builtin_clz(x); }
RL_FN u32 rl_clz64(u64 x) { return x == 0 ? 64u : (u32)__builtin_clzll(x); }
RL_FN f32 rl_add_f32(f32 x, f32 y) { return x + y; }
RL_FN f32 rl_sub_f32(f32 x, f32 y) { return x - y; }
RL_FN f32 rl_mul_f32(f32 x, f32 y) { return x * y; }
RL_FN f32 rl_div_f32(f32 x, f32 y) { return x / y; }
RL_FN f32 rl_sqrt_f32(f32 x) { return __builtin_sqrtf(x); }
#else
RL_FN u64 rl_bits(f64 x) { return (u64)__double_as_longlong(x); }
RL_FN f64 rl_from_bits(u64 bits) { return __longlong_as_double((long long)bits); }
RL_FN f64 rl_floor(f64 x) { return floor(x); }
RL_FN f64 rl_ceil(f64 x) { return ceil(x); }
RL_FN f64 rl_trunc(f64 x) { return trunc(x); }
RL_FN f64 rl_abs(f64 x) { return fabs(x); }
RL_FN f64 rl_sqrt(f64 x) { return __dsqrt_rn(x); }
RL_FN f64 rl_fma(f64 x, f64 y, f64 z) { return __fma_rn(x, y, z); }
RL_FN u32 rl_clz32(u32 x) { return (u32)__clz((int)x); }
RL_FN u32 rl_clz64(u64 x) { return (u32)__clzll((long long)x); }
RL_FN f32 rl_add_f32(f32 x, f32 y) { return __fadd_rn(x, y); }
RL_FN f32 rl_sub_f32(f32 x, f32 y) { return __fsub_rn(x, y); }
RL_FN f32 rl_mul_f32(f32 x, f32 y) { return __fmul_rn(x, y); }
RL_FN f32 rl_div_f32(f32 x, f32 y) { return __fdiv_rn(x, y); }
RL_FN f32 rl_sqrt_f32(f32 x) { return __fsqrt_rn(x); }
#endif

RL_FN u32 rl_high(f64 x) { return (u32)(rl_bits(x) >> 32); }
RL_FN u32 rl_low(f64 x) { return (u32)rl_bits(x); }
RL_FN f64 rl_from_words(u32 high, u32 low) { return rl_from_bits(((u64)high << 32) | low); }
RL_FN f64 rl_with_high(f64 x, u32 high) { return rl_from_words(high, rl_low(x)); }
/** x with the low half of its bits cleared: a number of at most 21 significant bits. */
RL_FN f64 rl_head(f64 x) { return rl_from_bits(rl_bits(x) & 0xffffffff00000000ull); }
RL_FN bool rl_is_nan(f64 x) { return x != x; }
RL_FN f64 rl_nan() { return rl_from_bits(0x7ff8000000000000ull); }
RL_FN f64 rl_infinity() { return rl_from_bits(0x7ff0000000000000ull); }
RL_FN bool rl_is_finite(f64 x) { return ((rl_high(x) >> 20) & 0x7ff) != 0x7ff; }

// ---- From f64 to integers: ECMA-262 ToInt32 and ToUint32, and what a TypedArray store keeps of them.

/** The integer part of x modulo 2³², for any x; 0 for NaN and infinities. */
RL_SLOW u32 rl_modulo_2_32(f64 x) {
  const u64 bits = rl_bits(x);
  const i32 exponent = (i32)((bits >> 52) & 0x7ff) - 1023;
  // Below 1 nothing is left; from 2⁸⁴ on the lowest bit is worth at least 2³² (NaN and infinities have exponent 1024).
  if (exponent < 0 || exponent > 83) return 0;
  const u64 significand = (bits & 0x000fffffffffffffull) | 0x0010000000000000ull;
  const u32 magnitude = exponent < 52 ? (u32)(significand >> (52 - exponent)) : (u32)(significand << (exponent - 52));
  return (bits >> 63) != 0 ? 0u - magnitude : magnitude;
}

RL_FN i32 rl_f64_to_i32(f64 x) { return x >= -2147483648.0 && x <= 2147483647.0 ? (i32)x : (i32)rl_modulo_2_32(x); }
RL_FN u32 rl_f64_to_u32(f64 x) { return x >= 0.0 && x <= 4294967295.0 ? (u32)x : rl_modulo_2_32(x); }
RL_FN i8 rl_f64_to_i8(f64 x) { return (i8)rl_f64_to_i32(x); }
RL_FN u8 rl_f64_to_u8(f64 x) { return (u8)rl_f64_to_i32(x); }
RL_FN i16 rl_f64_to_i16(f64 x) { return (i16)rl_f64_to_i32(x); }
RL_FN u16 rl_f64_to_u16(f64 x) { return (u16)rl_f64_to_i32(x); }
/** BigInt.asIntN(64, BigInt(x)) of an integer x of magnitude up to 2⁵³. */
RL_FN i64 rl_f64_to_i64(f64 x) { return (i64)x; }
RL_FN u64 rl_f64_to_u64(f64 x) { return (u64)(i64)x; }

RL_FN bool rl_f64_is_integer(f64 x) { return rl_is_finite(x) && rl_trunc(x) == x; }
/** Is x an integer from 0 to below length? −0 is 0. */
RL_FN bool rl_is_index(f64 x, u32 length) { return x >= 0.0 && x < (f64)length && (f64)(u32)x == x; }
/** x as an index below length, else 0xffffffff. */
RL_FN u32 rl_f64_to_index(f64 x, u32 length) { return rl_is_index(x, length) ? (u32)x : 0xffffffffu; }

// ---- To f64 and f32. Number(bigint) rounds to nearest, ties to even, as the conversion instructions do.
RL_FN f64 rl_i64_to_f64(i64 x) { return (f64)x; }
RL_FN f64 rl_u64_to_f64(u64 x) { return (f64)x; }
RL_FN f32 rl_f64_to_f32(f64 x) { return (f32)x; }
RL_FN f64 rl_fround(f64 x) { return (f64)(f32)x; }

// ---- The 16-bit formats: rounded once, from f64 (the same steps as src/schema/half.ts), and back, exactly.

RL_FN u16 rl_narrow(f64 x, i32 fraction_bits, i32 bias) {
  const u64 bits = rl_bits(x);
  const u32 sign = (u32)(bits >> 48) & 0x8000u;
  const i32 exponent = (i32)((bits >> 52) & 0x7ff) - 1023;
  const u32 infinity = (u32)(2 * bias + 1) << fraction_bits;
  if (x != x) return (u16)(infinity | (1u << (fraction_bits - 1)));
  if (exponent > bias) return (u16)(sign | infinity);
  // Bits of the 53-bit significand that fall off: more of them below the smallest normal number.
  const i32 below_normal = exponent < 1 - bias ? 1 - bias - exponent : 0;
  const i32 dropped = 52 - fraction_bits + below_normal;
  if (dropped > 53) return (u16)sign;
  const u64 significand = (bits & 0x000fffffffffffffull) | 0x0010000000000000ull;
  const u32 kept = (u32)(significand >> dropped);
  const u32 rounded_down = below_normal > 0 ? kept : ((u32)(exponent + bias - 1) << fraction_bits) + kept;
  const u64 rest = significand & ((1ull << dropped) - 1);
  const u64 half = 1ull << (dropped - 1);
  const bool up = rest > half || (rest == half && (rounded_down & 1u) != 0);
  return (u16)(sign | (rounded_down + (up ? 1u : 0u)));
}

RL_FN f64 rl_widen(u16 bits, i32 fraction_bits, i32 bias) {
  const u32 exponent = (bits & 0x7fffu) >> fraction_bits;
  const u32 fraction = bits & ((1u << fraction_bits) - 1u);
  const u64 sign = (u64)(bits & 0x8000u) << 48;
  if (exponent == (u32)(2 * bias + 1)) return fraction != 0 ? rl_nan() : rl_from_bits(sign | 0x7ff0000000000000ull);
  // Subnormal: fraction × 2^(1 − bias − fraction_bits), a normal f64 or 0.
  if (exponent == 0) return rl_from_bits(rl_bits((f64)fraction * rl_from_bits((u64)(1023 + 1 - bias - fraction_bits) << 52)) | sign);
  return rl_from_bits(sign | ((u64)((i32)exponent - bias + 1023) << 52) | ((u64)fraction << (52 - fraction_bits)));
}

RL_SLOW u16 rl_f64_to_f16_bits(f64 x) { return rl_narrow(x, 10, 15); }
RL_SLOW u16 rl_f64_to_bf16_bits(f64 x) { return rl_narrow(x, 7, 127); }
RL_FN f64 rl_f16_bits_to_f64(u16 bits) { return rl_widen(bits, 10, 15); }
RL_FN f64 rl_bf16_bits_to_f64(u16 bits) { return rl_widen(bits, 7, 127); }

// ---- Integers. Divisors are never 0 here: the caller has guarded them. MIN / −1 wraps to MIN, MIN % −1 is 0.
RL_FN i32 rl_imul(i32 x, i32 y) { return (i32)((u32)x * (u32)y); }
RL_FN i32 rl_add_i32(i32 x, i32 y) { return (i32)((u32)x + (u32)y); }
RL_FN i32 rl_sub_i32(i32 x, i32 y) { return (i32)((u32)x - (u32)y); }
RL_FN i32 rl_neg_i32(i32 x) { return (i32)(0u - (u32)x); }
RL_FN i64 rl_add_i64(i64 x, i64 y) { return (i64)((u64)x + (u64)y); }
RL_FN i64 rl_sub_i64(i64 x, i64 y) { return (i64)((u64)x - (u64)y); }
RL_FN i64 rl_mul_i64(i64 x, i64 y) { return (i64)((u64)x * (u64)y); }
RL_FN i64 rl_neg_i64(i64 x) { return (i64)(0ull - (u64)x); }
RL_FN i32 rl_div_i32(i32 x, i32 y) { return y == -1 ? rl_neg_i32(x) : x / y; }
RL_FN i32 rl_rem_i32(i32 x, i32 y) { return y == -1 ? 0 : x % y; }
RL_FN u32 rl_div_u32(u32 x, u32 y) { return x / y; }
RL_FN u32 rl_rem_u32(u32 x, u32 y) { return x % y; }
RL_FN i64 rl_div_i64(i64 x, i64 y) { return y == -1 ? rl_neg_i64(x) : x / y; }
RL_FN i64 rl_rem_i64(i64 x, i64 y) { return y == -1 ? 0 : x % y; }
RL_FN u64 rl_div_u64(u64 x, u64 y) { return x / y; }
RL_FN u64 rl_rem_u64(u64 x, u64 y) { return x % y; }

// 32-bit shifts use the low five bits of the count, as << >> >>> do.
RL_FN i32 rl_shl_i32(i32 x, i32 count) { return (i32)((u32)x << (count & 31)); }
RL_FN u32 rl_shl_u32(u32 x, i32 count) { return x << (count & 31); }
RL_FN i32 rl_sar_i32(i32 x, i32 count) { return x >> (count & 31); }
RL_FN u32 rl_shr_u32(u32 x, i32 count) { return x >> (count & 31); }

// 64-bit shifts are BigInt.asUintN(64, x << count), BigInt.asIntN(64, x << count), and >>: all bits may leave, and a negative count turns round.
RL_FN u64 rl_up_64(u64 x, u64 count) { return count > 63 ? 0 : x << count; }
RL_FN u64 rl_down_u64(u64 x, u64 count) { return count > 63 ? 0 : x >> count; }
RL_FN i64 rl_down_i64(i64 x, u64 count) { return x >> (count > 63 ? 63 : count); }
RL_FN u64 rl_shl_u64(u64 x, i64 count) { return count >= 0 ? rl_up_64(x, (u64)count) : rl_down_u64(x, 0ull - (u64)count); }
RL_FN u64 rl_shr_u64(u64 x, i64 count) { return count >= 0 ? rl_down_u64(x, (u64)count) : rl_up_64(x, 0ull - (u64)count); }
RL_FN i64 rl_shl_i64(i64 x, i64 count) { return count >= 0 ? (i64)rl_up_64((u64)x, (u64)count) : rl_down_i64(x, 0ull - (u64)count); }
RL_FN i64 rl_sar_i64(i64 x, i64 count) { return count >= 0 ? rl_down_i64(x, (u64)count) : (i64)rl_up_64((u64)x, 0ull - (u64)count); }

// ---- Math.sign, min, max, round, and %.
RL_FN f64 rl_sign(f64 x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x; }
/** Equal operands have equal bits, or are zeros of both signs: then −0 is the smaller. */
RL_FN f64 rl_min(f64 x, f64 y) { return x < y ? x : y < x ? y : x == y ? rl_from_bits(rl_bits(x) | rl_bits(y)) : rl_nan(); }
RL_FN f64 rl_max(f64 x, f64 y) { return x > y ? x : y > x ? y : x == y ? rl_from_bits(rl_bits(x) & rl_bits(y)) : rl_nan(); }
/** Math.round: the nearest integer, ties toward +∞, the sign of a zero result kept. */
RL_FN f64 rl_round(f64 x) {
  const f64 up = rl_ceil(x);
  return up - 0.5 > x ? up - 1.0 : up;
}

/** |x| mod |y| by long division of the significands, eleven bits a step; both finite, y not 0. */
RL_SLOW f64 rl_fmod_long(f64 x, f64 y) {
  const u64 a = rl_bits(x) & 0x7fffffffffffffffull, b = rl_bits(y) & 0x7fffffffffffffffull;
  i32 exponent_a = (i32)(a >> 52), exponent_b = (i32)(b >> 52);
  u64 rest = a & 0x000fffffffffffffull, divisor = b & 0x000fffffffffffffull;
  if (exponent_a == 0) exponent_a = 1; else rest |= 0x0010000000000000ull;
  if (exponent_b == 0) exponent_b = 1; else divisor |= 0x0010000000000000ull;
  rest %= divisor;
#pragma unroll 1
  for (i32 left = exponent_a - exponent_b; left > 0 && rest != 0;) {
    const i32 step = left < 11 ? left : 11;
    rest = (rest << step) % divisor;
    left -= step;
  }
  // rest × 2^(exponent_b − 1075), below y: exact, normal or not.
  if (rest == 0) return 0.0;
  const i32 up = (i32)rl_clz64(rest) - 11;
  if (exponent_b - up >= 1) return rl_from_bits(((u64)(exponent_b - up) << 52) | ((rest << up) & 0x000fffffffffffffull));
  return rl_from_bits(rest << (exponent_b - 1));
}

/** x % y: the remainder of truncating division, exact, with the sign of x. */
RL_FN f64 rl_fmod(f64 x, f64 y) {
  const f64 a = rl_abs(x), b = rl_abs(y);
  if (!(a < rl_infinity()) || !(b > 0.0)) return rl_nan();
  if (a < b) return x;
  // The rounded quotient is at most one too large and its product is subtracted without rounding, so below 2⁵³ one correction is exact.
  const f64 quotient = a / b;
  f64 rest;
  if (quotient < 9007199254740992.0) {
    rest = rl_fma(-rl_trunc(quotient), b, a);
    if (rest < 0.0) rest += b;
  } else {
    rest = rl_fmod_long(a, b);
  }
  return rl_from_bits((rl_bits(rest) & 0x7fffffffffffffffull) | (rl_bits(x) & 0x8000000000000000ull));
}
