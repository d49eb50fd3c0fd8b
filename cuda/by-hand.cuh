// A ring kernel written by hand: the little that `%%cuda` needs on top of actor.cuh and life.cuh. README.md has an example.

/** Bytes from slot to slot for payloads of this type. */
#define RL_STRIDE(Type) ((RL_ENVELOPE + (u32)sizeof(Type) + 15u) / 16u * 16u)

/**
 * RL_ACTOR(name, Input, Output) { body }: one thread runs the body, with `s` as its block, and returns when rl_next gives null. Messages of up to 1 KiB
 * with their envelope lie in shared memory. The host reads from `name`_shared_bytes how much of it a launch needs.
 */
#define RL_ACTOR(name, Input, Output) \
  static_assert(RL_STRIDE(Input) <= 1024 && RL_STRIDE(Output) <= 1024, "a message of a ring kernel written by hand has at most 992 bytes"); \
  static __device__ constexpr RlShape name##_shape = { RL_STRIDE(Input), 16, RL_STRIDE(Output), 16, 1, 0, 32, RL_HANDLER }; \
  extern "C" { __device__ u32 name##_shared_bytes = rl_shared_bytes(name##_shape); } \
  static __device__ void name##_body(RlBlock& s); \
  extern "C" __global__ void name(RlActor actor) { \
    if (RL_TID == 0) { \
      rl_describe(actor, name##_shape); \
      rl_port(0, RL_STRIDE(Output), 0); \
    } \
    rl_begin(actor.control); \
    if (RL_TID != 0) { rl_serve(); return; } \
    name##_body(rl_block()); \
    rl_leave(0); \
    rl_exit(); \
  } \
  static __device__ void name##_body(RlBlock& s)

/** Finishes the message in hand, waits for room for `outputs` outputs, then for the next message. Null: return. */
template <class Input> RL_FN const Input* rl_next(RlBlock&, u32 outputs = 1) {
  rl_finish();
  if (!rl_room(0, outputs)) return 0;
  return (const Input*)rl_receive();
}

/** One output, to be filled in; it answers the message in hand. */
template <class Output> RL_FN Output* rl_output(RlBlock& s) { return (Output*)rl_stage(0, rl_correlation(s.hand), 128); }
