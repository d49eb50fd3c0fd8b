// What CUDA C++ finds when it is compiled by g++ for the simulated driver: the words of the language, the built-in variables, and the calls
// that leave a lane's code (barrier, yield, sleep). One OS thread runs a block and one fiber a lane, so `__shared__` is thread-local.
// Atomics and arithmetic intrinsics are in shim-intrinsics.h. Acquire and release are the kernel author's, by the __atomic built-ins.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <utility>

struct rl_sim_dimensions { unsigned x, y, z; };
struct dim3 { unsigned x = 1, y = 1, z = 1; };
struct rl_sim_lane_state { rl_sim_dimensions thread, block, blockSize, gridSize; };

extern "C" {
// A lane never moves to another OS thread, so its own address stays the same while it runs.
rl_sim_lane_state *rl_sim_lane(void) __attribute__((const));
void rl_sim_barrier(void);
void rl_sim_yield(void);
void rl_sim_nanosleep(unsigned nanoseconds);
unsigned long long rl_sim_globaltimer_ns(void);
void *rl_sim_dynamic_shared(void);
}

#define threadIdx (rl_sim_lane()->thread)
#define blockIdx (rl_sim_lane()->block)
#define blockDim (rl_sim_lane()->blockSize)
#define gridDim (rl_sim_lane()->gridSize)

// The unknown attribute marks kernels in the preprocessed text, where the simulator looks for their names.
#define __global__ __attribute__((rl_sim_kernel))
#define __device__
#define __host__
#define __constant__
#define __shared__ static thread_local
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))

#define __syncthreads() rl_sim_barrier()
#define __nanosleep(ns) rl_sim_nanosleep(ns)
#define __threadfence_system() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define __threadfence() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define __threadfence_block() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define __trap() __builtin_trap()
#define clock64() ((long long)rl_sim_globaltimer_ns())

#include "shim-intrinsics.h"

// What the simulator appends for each kernel: how to call it with an array of pointers to its parameters, and how long each parameter is.
struct rl_sim_entry { void (*call)(void **parameters); unsigned count; const unsigned *sizes; };

template <class... Parameters> struct rl_sim_signature {
  static constexpr unsigned count = sizeof...(Parameters);
  static constexpr unsigned sizes[sizeof...(Parameters) + 1] = { unsigned(sizeof(Parameters))..., 0 };
  template <void (*kernel)(Parameters...), size_t... i> static void spread(void **parameters, std::index_sequence<i...>) {
    kernel(*static_cast<std::remove_reference_t<Parameters> *>(parameters[i])...);
  }
  template <void (*kernel)(Parameters...)> static void call(void **parameters) {
    spread<kernel>(parameters, std::index_sequence_for<Parameters...>());
  }
};
template <class... Parameters> rl_sim_signature<Parameters...> rl_sim_signature_of(void (*)(Parameters...));

