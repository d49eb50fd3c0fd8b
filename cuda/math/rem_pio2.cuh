// needs: numbers
// x − n·π/2 as an unevaluated sum, for sin, cos and tan. The arithmetic is fdlibm's e_rem_pio2.c and k_rem_pio2.c, step for step, since every
// rounding shows in the result; fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft. Permission to
// use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.

/** A reduced argument: x − quadrant·π/2 = value + tail, |value| ≤ π/4. */
struct RlReduced { f64 value; f64 tail; i32 quadrant; };

/** 2/π in 24-bit digits, the first worth 2⁻²⁴. */
RL_TABLE u32 rl_two_over_pi[66] = {
  0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041, 0xfe5163, 0xabdebb, 0xc561b7, 0x246e3a, 0x424dd2, 0xe00649,
  0x2eea09, 0xd1921c, 0xfe1deb, 0x1cb129, 0xa73ee8, 0x8235f5, 0x2ebb44, 0x84e99c, 0x7026b4, 0x5f7e41, 0x3991d6, 0x398353, 0x39f49c, 0x845f8b,
  0xbdf928, 0x3b1ff8, 0x97ffde, 0x05980f, 0xef2f11, 0x8b5a0a, 0x6d1f6d, 0x367ecf, 0x27cb09, 0xb74f46, 0x3f669e, 0x5fea2d, 0x7527ba, 0xc7ebe5,
  0xf17b3d, 0x0739f7, 0x8a5292, 0xea6bfb, 0x5fb11f, 0x8d5d08, 0x560330, 0x46fc7b, 0x6babf0, 0xcfbc20, 0x9af436, 0x1da9e3, 0x91615e, 0xe61b08,
  0x659985, 0x5f14a0, 0x68408d, 0xffd880, 0x4d7327, 0x310606, 0x1556ca, 0x73a8c9, 0x60e27b, 0xc08c6b,
};

/** π/2 in 24-bit pieces. */
RL_TABLE f64 rl_pio2_pieces[5] = { 1.57079625129699707031e+00, 7.54978941586159635335e-08, 5.39030252995776476554e-15, 3.28200341580791294123e-22, 1.27065575308067607349e-29 };

/** 2^exponent, of a normal result. */
RL_FN f64 rl_power_of_two(i32 exponent) { return rl_from_words((u32)(exponent + 1023) << 20, 0); }

/** Digit i of (x · 2/π): the sum over the digits of x that meet it. */
RL_FN f64 rl_product_digit(const f64* x, i32 digits, i32 first, i32 i) {
  f64 sum = 0.0;
#pragma unroll 1
  for (i32 j = 0; j < digits; j++) {
    const i32 at = first + i - j;
    sum += x[j] * (at < 0 ? 0.0 : (f64)rl_two_over_pi[at]);
  }
  return sum;
}

/**
 * For |x| above 2¹⁹·π/2: multiplies x by as many digits of 2/π as matter (those that make multiples of 8 are left out) and turns the fraction
 * back into an angle. `x` holds the digits of |x|, 24 bits each, the first scaled by 2^exponent.
 */
RL_SLOW RlReduced rl_rem_pio2_digits(const f64* x, i32 digits, i32 exponent) {
  const i32 least = 4;  // product digits beyond the first, for 64 bits of precision
  const f64 two24 = 16777216.0, twon24 = 5.96046447753906250000e-08;
  const i32 first = exponent - 3 < 0 ? 0 : (exponent - 3) / 24;
  i32 scale = exponent - 24 * (first + 1);
  f64 product[20];
  i32 whole[20];
  i32 last = least;
#pragma unroll 1
  for (i32 i = 0; i <= least; i++) product[i] = rl_product_digit(x, digits, first, i);

  i32 n = 0, half = 0;
  f64 z = 0.0;
#pragma unroll 1
  for (;;) {
    // Carry upwards into 24-bit integers, the least significant first.
    z = product[last];
#pragma unroll 1
    for (i32 i = 0, j = last; j > 0; i++, j--) {
      const f64 carried = (f64)(i32)(twon24 * z);
      whole[i] = (i32)(z - two24 * carried);
      z = product[j - 1] + carried;
    }
    z = z * rl_power_of_two(scale);
    z -= 8.0 * rl_floor(z * 0.125);
    n = (i32)z;
    z -= (f64)n;
    half = 0;
    if (scale > 0) {
      const i32 top = whole[last - 1] >> (24 - scale);
      n += top;
      whole[last - 1] -= top << (24 - scale);
      half = whole[last - 1] >> (23 - scale);
    } else if (scale == 0) {
      half = whole[last - 1] >> 23;
    } else if (z >= 0.5) {
      half = 2;
    }
    if (half > 0) {
      // The fraction is at least one half: one more quadrant, and 1 − fraction.
      n += 1;
      bool borrowed = false;
#pragma unroll 1
      for (i32 i = 0; i < last; i++) {
        if (borrowed) whole[i] = 0xffffff - whole[i];
        else if (whole[i] != 0) { borrowed = true; whole[i] = 0x1000000 - whole[i]; }
      }
      if (scale > 0) whole[last - 1] &= scale == 1 ? 0x7fffff : 0x3fffff;
      if (half == 2) {
        z = 1.0 - z;
        if (borrowed) z -= rl_power_of_two(scale);
      }
    }
    if (z != 0.0) break;
    i32 seen = 0;
#pragma unroll 1
    for (i32 i = last - 1; i >= least; i--) seen |= whole[i];
    if (seen != 0) break;
    // Everything cancelled: as many more digits as there are zeros.
    i32 more = 1;
    while (more <= least && whole[least - more] == 0) more++;
#pragma unroll 1
    for (i32 i = last + 1; i <= last + more; i++) product[i] = rl_product_digit(x, digits, first, i);
    last += more;
  }

  if (z == 0.0) {
    do { last -= 1; scale -= 24; } while (whole[last] == 0);
  } else {
    z = z * rl_power_of_two(-scale);
    if (z >= two24) {
      const f64 carried = (f64)(i32)(twon24 * z);
      whole[last] = (i32)(z - two24 * carried);
      last += 1;
      scale += 24;
      whole[last] = (i32)carried;
    } else {
      whole[last] = (i32)z;
    }
  }

  // The digits as numbers, times π/2, summed from the small end.
  f64 worth = rl_power_of_two(scale);
#pragma unroll 1
  for (i32 i = last; i >= 0; i--) { product[i] = worth * (f64)whole[i]; worth *= twon24; }
  f64 angle[20];
  angle[0] = 0.0;
#pragma unroll 1
  for (i32 i = last; i >= 0; i--) {
    f64 sum = 0.0;
#pragma unroll 1
    for (i32 k = 0; k <= least && k <= last - i; k++) sum += rl_pio2_pieces[k] * product[i + k];
    angle[last - i] = sum;
  }
  f64 value = 0.0;
#pragma unroll 1
  for (i32 i = last; i >= 0; i--) value += angle[i];
  f64 tail = angle[0] - value;
#pragma unroll 1
  for (i32 i = 1; i <= last; i++) tail += angle[i];
  RlReduced result;
  result.value = half == 0 ? value : -value;
  result.tail = half == 0 ? tail : -tail;
  result.quadrant = n & 7;
  return result;
}

/** For a finite x above 2¹⁹·π/2: cuts |x| into digits. */
RL_FN RlReduced rl_rem_pio2_large(u32 magnitude, u32 low) {
  const i32 exponent = (i32)(magnitude >> 20) - 1046;
  f64 z = rl_from_words(magnitude - ((u32)exponent << 20), low);
  f64 digit[3];
#pragma unroll 1
  for (i32 i = 0; i < 2; i++) {
    digit[i] = (f64)(i32)z;
    z = (z - digit[i]) * 16777216.0;
  }
  digit[2] = z;
  i32 digits = 3;
  while (digit[digits - 1] == 0.0) digits--;
  return rl_rem_pio2_digits(digit, digits, exponent);
}

/** For |x| up to 2¹⁹·π/2: subtracts n·π/2, of which 33 bits at a time are exact, until enough bits are left. */
RL_FN RlReduced rl_rem_pio2_medium(f64 magnitude, i32 high) {
  const f64 invpio2 = 6.36619772367581382433e-01;
  const i32 n = (i32)(magnitude * invpio2 + 0.5);
  const f64 fn = (f64)n;
  f64 rest = magnitude - fn * 1.57079632673412561417e+00;
  f64 w = fn * 6.07710050650619224932e-11;
  RlReduced result;
  result.value = rest - w;
  // Where x and n·π/2 agree in their top words (for small n), or where the exponent fell by more than 16, bits were lost.
  if (n >= 32 || high == (i32)rl_high(fn * 1.57079632679489655800e+00)) {
    const i32 exponent = high >> 20;
    if (exponent - (i32)((rl_high(result.value) >> 20) & 0x7ff) > 16) {
      f64 before = rest;
      w = fn * 6.07710050630396597660e-11;
      rest = before - w;
      w = fn * 2.02226624879595063154e-21 - ((before - rest) - w);
      result.value = rest - w;
      if (exponent - (i32)((rl_high(result.value) >> 20) & 0x7ff) > 49) {
        before = rest;
        w = fn * 2.02226624871116645580e-21;
        rest = before - w;
        w = fn * 8.47842766036889956997e-32 - ((before - rest) - w);
        result.value = rest - w;
      }
    }
  }
  result.tail = (rest - result.value) - w;
  result.quadrant = n;
  return result;
}

/** For |x| below 3π/4. */
RL_FN RlReduced rl_rem_pio2_small(f64 magnitude, i32 high) {
  RlReduced result;
  f64 z = magnitude - 1.57079632673412561417e+00;
  f64 rest = 6.07710050650619224932e-11;
  if (high == 0x3ff921fb) {  // near π/2: 33 bits more
    z -= 6.07710050630396597660e-11;
    rest = 2.02226624879595063154e-21;
  }
  result.value = z - rest;
  result.tail = (z - result.value) - rest;
  result.quadrant = 1;
  return result;
}

/** Reduces any finite x above π/4 in magnitude. Of −x everything is negated: fdlibm rounds symmetrically. */
RL_SLOW RlReduced rl_rem_pio2(f64 x) {
  const i32 high = (i32)(rl_high(x) & 0x7fffffff);
  RlReduced result = high < 0x4002d97c ? rl_rem_pio2_small(rl_abs(x), high) : high <= 0x413921fb ? rl_rem_pio2_medium(rl_abs(x), high) : rl_rem_pio2_large((u32)high, rl_low(x));
  if (x < 0.0) {
    result.value = -result.value;
    result.tail = -result.tail;
    result.quadrant = -result.quadrant;
  }
  return result;
}
