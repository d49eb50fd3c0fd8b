// The ABI between the host and a ring kernel on a GPU, and the memory operations of its protocol. First part of the device prelude: no #include,
// plain C++17, so that NVRTC, nvcc and (with RL_SIM) g++ read it alike. What waits, publishes or runs a body is in actor.cuh.
//
// Everything here is laid out for a host that writes the same bytes from JavaScript: src/compiler/cuda/abi.ts (parameters, tables) and
// src/ring/control.ts (the control block). A size or an offset is asserted wherever the two sides have to agree.
#ifdef RL_SIM
#include "shim.h"
#endif

#ifdef __CUDACC_RTC__
// NVRTC has no headers, and its front end this word for what g++ and nvcc call __builtin_offsetof.
#define __builtin_offsetof(type, member) __INTADDR__(&((type*)0)->member)
#endif

typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;
typedef float f32;
typedef double f64;

#define RL_FN static __device__ __forceinline__ __attribute__((unused))
// Out of line: what is seldom called or long costs compile time and registers wherever it is copied to. Where these functions are compiled once, as a
// library (RL_COMPILED_APART), and linked to kernels that only declare them, they have external linkage; in a text that is compiled whole they have none.
#ifdef RL_COMPILED_APART
#define RL_SLOW __device__ __noinline__
#else
#define RL_SLOW static __device__ __noinline__ __attribute__((unused))
#endif
#define RL_DECLARED extern __device__
// Out of line in a program itself.
#define RL_OWN static __device__ __noinline__
// Of use to the functions above only, inline or out of line: a unit that declares those does without.
#define RL_INNER RL_FN
#define RL_INNER_SLOW static __device__ __noinline__ __attribute__((unused))
#define RL_TID (threadIdx.x)
#define RL_THREADS (blockDim.x)

#define RL_ABI 1u

// ---- What lies in memory both sides share.

struct alignas(16) RlQuad { u32 x, y, z, w; };

/** In front of every payload (src/ring/envelope.ts). */
struct alignas(16) RlEnvelope {
  u32 sequence;
  u32 origin;
  u64 correlation;
  u8 priority, causeLow;    // the low 24 bits of the sequence of the message that the sender had in hand, 0 for none
  u16 causeHigh;
  u32 timeToLiveMs;
  u64 sentAtNs;
};
static_assert(sizeof(RlEnvelope) == 32, "an envelope has 32 bytes");
#define RL_ENVELOPE 32u

/** A ring, as one end of it sees it. `record` is null for the host's own rings, whose indices are in the control block. */
struct alignas(16) RlEdge {
  u8* record;   // producer's line {tail}, 128 bytes on the consumer's line {head}
  u8* slots;
  u32 mask;     // capacity - 1
  u32 number;   // what `waitsEdge` reports
  u32 scope;    // RL_SYSTEM: the other end may be anywhere; RL_DEVICE: it runs on this GPU
  u32 reserved;
};
static_assert(sizeof(RlEdge) == 32, "an edge has 32 bytes");
enum : u32 { RL_SYSTEM = 0, RL_DEVICE = 1 };

/** Which of the output edges an output goes to: `count` of them from `first` on, a copy to each; none means that its messages are dropped and counted. */
struct RlPort { u32 first, count; };
static_assert(sizeof(RlPort) == 8, "a port has 8 bytes");

struct RlBuffer { u8* data; u64 count; };
static_assert(sizeof(RlBuffer) == 16, "a buffer has 16 bytes");

/** The parameter of every ring kernel. All addresses are the device's. */
struct alignas(16) RlActor {
  u8* control;             // the control block, in pinned host memory
  const RlEdge* inputs;    // [0] is the host's ring
  const RlEdge* outputs;   // [0] is the host's ring
  const RlPort* ports;     // one for each output
  u8* frame;               // what a parked body keeps; zeroed before the first launch
  u8* state;               // declared state
  const u8* constants;     // captured tables
  const RlBuffer* buffers;
  u8* log;                 // the log ring, in pinned host memory; null: nothing is logged
  u8* scratch;             // device memory for slots too large for shared memory (scratchBytes)
  i64 clockOffsetNs;       // the host's monotonic clock minus this device's globaltimer
  u64 activatedAtNs;       // on the host's monotonic clock
  u32 inputCount;          // input edges
  u32 logMask;             // records in the log ring - 1
  u32 epoch;               // the kernel parks when the control block's epoch is another
  u32 origin;              // second word of the id of every message it sends
};
static_assert(sizeof(RlActor) == 112 && __builtin_offsetof(RlActor, scratch) == 72 && __builtin_offsetof(RlActor, inputCount) == 96 && __builtin_offsetof(RlActor, origin) == 108, "ABI 1");

/** The first two words of a frame. */
struct RlFrameHead { u32 pc; u32 hand; };   // hand: the edge of the message in hand + 1, or 0

/** Words of the control block (src/ring/control.ts). */
enum : u32 {
  RL_IN_HEAD = 32, RL_OUT_TAIL = 33, RL_STATE = 34, RL_HEARTBEAT = 35, RL_WAITS_FOR = 36, RL_WAITS_EDGE = 37, RL_FAULT_SITE = 38, RL_FAULT_INDEX = 39,
  RL_FAULT_VALUE = 40, RL_LOG_DROPPED = 42, RL_OUTCOME = 43, RL_ENDED_BY = 44, RL_WAITS_COUNT = 45,
  RL_PROCESSED = 128, RL_SENT = 130, RL_DROPPED = 132, RL_ERRORS = 134, RL_LATENCY_MAX = 136, RL_OUT_DEPTH_MAX = 139, RL_EXPIRED = 140, RL_SKEWED = 144, RL_HOLDS = 148,
  RL_HISTOGRAM = 160, RL_BUCKETS = 624,
};
enum : u32 { RL_IDLE = 0, RL_RUN = 1, RL_PARK = 2, RL_STOP = 3, RL_DRAIN = 4 };         // command
enum : u32 { RL_RUNNING = 2, RL_PARKED = 3, RL_DONE = 4, RL_FAILED = 5 };              // state, outcome
enum : u32 { RL_WAITS_FOR_NOTHING = 0, RL_WAITS_FOR_INPUT = 1, RL_WAITS_FOR_ROOM = 2 };
/** This epoch means stop, now. */
#define RL_EPOCH_STOP 0xffffffffu

/**
 * A record of the log ring, one console.log: 128 bytes {tail, tail of the letters} of the device, 128 bytes of the host, which begin with its heads (RlLetters), then
 * records of `logStride` bytes.
 */
struct alignas(16) RlRecord {
  u32 reserved;
  u32 site;
  u32 index;   // input index of the message in hand
  u32 edge;    // number of its edge
  u64 values[2];
};
static_assert(sizeof(RlRecord) == 32, "a record begins with 32 bytes");

/**
 * The host's line of the log ring, 128 bytes into it: its heads, and how the ring of dead letters lies in the same memory. Not written for ring kernels whose
 * letters nobody reads (stride 0): those are counted as lost.
 */
struct alignas(16) RlLetters {
  u32 logHead, head;
  u32 offset, stride;          // of letter 0, from the beginning of the log ring; from letter to letter
  u32 mask;                    // letters - 1
  u32 slotBytes;               // of the message, with its envelope
  u32 stateBytes, frameBytes;  // of what a message met that goes with it, multiples of 16; 0: it is not kept
  u8* met;                     // in the GPU's memory: RlMet, the state, the frame
  u64 reserved;
};
static_assert(sizeof(RlLetters) == 48 && __builtin_offsetof(RlLetters, met) == 32, "ABI 1");

/** What the message in hand met, as it was taken; kept over a park. */
struct alignas(16) RlMet { u32 isKnown, reserved[3]; };

/** A message that was given up; behind it its slot and, where `hasMet`, the declared state and the frame of the receive that took it. */
struct alignas(16) RlLetter {
  u32 reason;
  u32 site;      // at which the body failed
  u32 index;     // input index of the message
  u32 edge;      // number of its edge
  u64 value;     // what the site reports, an f64
  u32 hasMet, reserved;
};
static_assert(sizeof(RlLetter) == 32, "a letter begins with 32 bytes");
/** The body failed with it and goes on; its time to live had ended when its turn came; the body failed with it and ends. */
enum : u32 { RL_GIVEN_UP = 0, RL_TOO_LATE = 1, RL_LAST = 2 };

// ---- The protocol's memory operations. A tail or a head is read relaxed and followed by a fence, written after a fence and relaxed: one fence serves
// all indices of one look or one publication. Slots are read and written by plain accesses in between (README.md has the argument).
#ifdef RL_SIM
RL_FN u32 rl_load_sys(const void* at) { return __atomic_load_n((const u32*)at, __ATOMIC_RELAXED); }
RL_FN void rl_store_sys(void* at, u32 value) { __atomic_store_n((u32*)at, value, __ATOMIC_RELAXED); }
RL_FN RlQuad rl_poll(const void* line) {
  const u32* words = (const u32*)line;
  return RlQuad{ rl_load_sys(words), rl_load_sys(words + 1), rl_load_sys(words + 2), rl_load_sys(words + 3) };
}
RL_FN void rl_post(void* line, RlQuad q) {
  u32* words = (u32*)line;
  rl_store_sys(words, q.x); rl_store_sys(words + 1, q.y); rl_store_sys(words + 2, q.z); rl_store_sys(words + 3, q.w);
}
RL_FN void rl_fence_sys() { __atomic_thread_fence(__ATOMIC_ACQ_REL); }
RL_FN void rl_fence_gpu() { __atomic_thread_fence(__ATOMIC_ACQ_REL); }
RL_FN void rl_barrier() { rl_sim_barrier(); }
RL_FN void rl_nap(u32 ns) { rl_sim_nanosleep(ns); }
RL_FN u64 rl_clock() { return rl_sim_globaltimer_ns(); }
#else
RL_FN u32 rl_load_sys(const void* at) { u32 v; asm volatile("ld.relaxed.sys.global.u32 %0,[%1];" : "=r"(v) : "l"(at) : "memory"); return v; }
RL_FN void rl_store_sys(void* at, u32 value) { asm volatile("st.relaxed.sys.global.u32 [%0],%1;" :: "l"(at), "r"(value) : "memory"); }
RL_FN RlQuad rl_poll(const void* line) {
  RlQuad q;
  asm volatile("ld.relaxed.sys.global.v4.u32 {%0,%1,%2,%3},[%4];" : "=r"(q.x), "=r"(q.y), "=r"(q.z), "=r"(q.w) : "l"(line) : "memory");
  return q;
}
RL_FN void rl_post(void* line, RlQuad q) {
  asm volatile("st.relaxed.sys.global.v4.u32 [%0],{%1,%2,%3,%4};" :: "l"(line), "r"(q.x), "r"(q.y), "r"(q.z), "r"(q.w) : "memory");
}
RL_FN void rl_fence_sys() { asm volatile("fence.acq_rel.sys;" ::: "memory"); }
RL_FN void rl_fence_gpu() { asm volatile("fence.acq_rel.gpu;" ::: "memory"); }
// Not bar.sync: the leader and the others arrive from different code.
RL_FN void rl_barrier() { asm volatile("barrier.sync 0;" ::: "memory"); }
RL_FN void rl_nap(u32 ns) { asm volatile("nanosleep.u32 %0;" :: "r"(ns)); }
RL_FN u64 rl_clock() { u64 t; asm volatile("mov.u64 %0,%%globaltimer;" : "=l"(t)); return t; }
#endif

/** Posts two eight-byte values side by side. */
RL_FN void rl_post_pair(void* at, u64 first, u64 second) { rl_post(at, RlQuad{ (u32)first, (u32)(first >> 32), (u32)second, (u32)(second >> 32) }); }

#ifdef RL_SIM
RL_FN u64 rl_bits_of(f64 x) { return __builtin_bit_cast(u64, x); }
RL_FN u32 rl_leading_zeros(u64 x) { return x == 0 ? 64u : (u32)__builtin_clzll(x); }
#else
RL_FN u64 rl_bits_of(f64 x) { return (u64)__double_as_longlong(x); }
RL_FN u32 rl_leading_zeros(u64 x) { return (u32)__clzll((long long)x); }
#endif

// ---- What a message's envelope says.
RL_FN u64 rl_id(const u8* hand) { return ((u64)((const RlEnvelope*)hand)->origin << 32) | ((const RlEnvelope*)hand)->sequence; }
RL_FN u64 rl_correlation(const u8* hand) { return ((const RlEnvelope*)hand)->correlation; }
RL_FN u32 rl_priority(const u8* hand) { return ((const RlEnvelope*)hand)->priority; }
/** What is sent while this message is in hand says so in its envelope. */
RL_FN u8 rl_cause_low(const u8* hand) { return (u8)((const RlEnvelope*)hand)->sequence; }
RL_FN u16 rl_cause_high(const u8* hand) { return (u16)(((const RlEnvelope*)hand)->sequence >> 8); }
RL_FN u32 rl_sender(const u8* hand) { return ((const RlEnvelope*)hand)->origin >> 16; }
RL_FN u64 rl_sent_at_ns(const u8* hand) { return ((const RlEnvelope*)hand)->sentAtNs; }

// ---- Small words of emitted code.

/** Arguments of a function of any number of them. */
template <u32 N> struct RlNumbers { f64 values[N]; };
/** Not 0 and not NaN. */
RL_FN bool rl_truth(f64 x) { return x < 0 || x > 0; }
template <class T> RL_FN void rl_copy(T& to, const T& from) { to = from; }
template <class T, u32 N> RL_FN void rl_copy(T (&to)[N], const T (&from)[N]) {
#pragma unroll 1
  for (u32 k = 0; k < N; k++) rl_copy(to[k], from[k]);
}
template <class T> RL_FN void rl_clear(T& at) { at = T{}; }
template <class T, u32 N> RL_FN void rl_clear(T (&at)[N]) {
#pragma unroll 1
  for (u32 k = 0; k < N; k++) rl_clear(at[k]);
}
/** What a log line holds of a value: 64 bits, which the host reads by the representation its site states. */
RL_FN u64 rl_logged(f64 value) { return rl_bits_of(value); }
RL_FN u64 rl_logged(f32 value) { return rl_bits_of((f64)value); }
RL_FN u64 rl_logged(i32 value) { return (u64)(i64)value; }
RL_FN u64 rl_logged(u32 value) { return value; }
RL_FN u64 rl_logged(i64 value) { return (u64)value; }
RL_FN u64 rl_logged(u64 value) { return value; }
RL_FN u64 rl_logged(bool value) { return value; }

// ---- One-shot kernels.

/** The first fault of a one-shot kernel, by lowest i. `index` begins as 0xffffffff. */
struct RlFirstFault { u32 lock, site, index, reserved; f64 value; };
static_assert(sizeof(RlFirstFault) == 24, "ABI 1");

/** The parameter of a one-shot kernel. */
struct alignas(16) RlOneShot {
  const u8* arguments;
  const RlBuffer* buffers;
  const u8* constants;
  u8* log;               // as RlActor's, but in device memory: a record past the last is dropped, and the tail counts on
  RlFirstFault* fault;
  const u32* stop;       // in pinned host memory: not 0 asks the kernel to end
  u32 count;             // i = 0 … count - 1
  u32 logMask;
  u64 reserved;
};
static_assert(sizeof(RlOneShot) == 64 && __builtin_offsetof(RlOneShot, count) == 48, "ABI 1");
