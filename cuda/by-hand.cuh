// A ring kernel written by hand: the little that `%%cuda` needs on top of actor.cuh and life.cuh. README.md has an example.

/** Bytes from slot to slot for payloads of this type. */
#define RL_STRIDE(Type) ((RL_ENVELOPE + (u32)sizeof(Type) + 15u) / 16u * 16u)

/**
 * RL_ACTOR(name, Input, Output) { body }: one thread runs the body, with `s` as its block, and returns when rl_next gives null. Messages of up to 1 KiB
 * with their envelope lie in shared memory.
 */
#define RL_ACTOR(name, Input, Output) \
  static_assert(RL_STRIDE(Input) <= 1024 && RL_STRIDE(Output) <= 1024, "a message of a ring kernel written by hand has at most 992 bytes"); \
  typedef RlBlock<RL_STRIDE(Input), 16, RL_STRIDE(Output), 16, 1, 16, 32> name##_block; \
  static __device__ void name##_body(name##_block& s); \
  extern "C" __global__ void name(RlActor actor) { \
    __shared__ name##_block s; \
    rl_begin<name##_block, RL_STRIDE(Output)>(s, actor, true); \
    if (RL_TID == 0) { \
      name##_body(s); \
      rl_leave(s, 0); \
      s.op = RL_EXIT; \
      rl_barrier(); \
      return; \
    } \
    for (;;) { \
      rl_barrier(); \
      if (s.op == RL_EXIT) return; \
      rl_operation(s, s.op); \
      rl_barrier(); \
    } \
  } \
  static __device__ void name##_body(name##_block& s)

/** Finishes the message in hand, waits for room for `outputs` outputs, then for the next message. Null: return. */
template <class Input, class B> RL_FN const Input* rl_next(B& s, u32 outputs = 1) {
  rl_finish(s);
  if (!rl_room(s, 0, outputs)) return 0;
  return (const Input*)rl_receive(s);
}

/** One output, to be filled in; it answers the message in hand. */
template <class Output, class B> RL_FN Output* rl_output(B& s) { return (Output*)rl_stage(s, 0, rl_correlation(s.hand), 128); }
