// The block's shared memory: all that the leader knows of its rings, and what the threads hand each other. Part of the device prelude, after ring.cuh.
//
// It lies at the start of dynamic shared memory, so that functions which were compiled apart find it at the same place, and none of them needs a template
// for each shape. Behind it lie, at offsets that rl_begin computes, the records of the outputs, what parallel bodies read, the counts of a batch of
// messages, and the slots. A kernel has no other shared memory.

#define RL_LANES 256u            // lanes of a reduction: part of the language, not of the launch
#define RL_STAGED_MAX 16u        // outputs that a leader stages at most
#define RL_BLOCK_BYTES 5376u     // of RlBlock, with room to grow (src/compiler/cuda/shape.ts has the same)

/** Block operations. */
enum : u32 { RL_EXIT = 0, RL_FETCH = 1, RL_SPILL = 2, RL_FIRST = 8 };
/** How a wait ended. */
enum : u32 { RL_NONE = 0, RL_GOT = 1, RL_UNWIND = 2 };

/** What a ring kernel moves at once: its entry states it, src/compiler/cuda/shape.ts chooses it. */
struct RlShape {
  u32 inStride, inBatch;     // bytes of an input slot, and how many the block takes at once
  u32 outStride, outBatch;   // of the longest output slot, and how many it stages
  u32 ports, capture;        // outputs; bytes handed to parallel bodies
  u32 logStride;             // bytes of a record of the log
  u32 flags;
};
enum : u32 { RL_HANDLER = 1, RL_MESSAGES = 2, RL_IN_SCRATCH = 4, RL_OUT_SCRATCH = 8 };

/** One output. */
struct alignas(16) RlOut {
  RlEdge edge;               // its first edge
  RlPort edges;
  u32 stride;
  u32 placed, mark, room;    // since the last publication; how many of those came before the message in hand; free slots known of
  u32 max, first;            // with a thread a message: the most outputs of one, and where they begin among all of its outputs
};

struct alignas(16) RlBlock {
  RlActor actor;
  f64 lanes[RL_LANES];
  u32 histogram[RL_BUCKETS];
  RlQuad nothing[2];         // the envelope while no message is in hand: zeros
  RlShape shape;
  u8* inSlots;
  u8* outSlots;
  u32 captureAt, batchAt;    // bytes from the beginning of the block

  // The operation in progress.
  u32 op, count;
  volatile u32 abort;
  u32 faultSite;
  u32 faultOrder;
  u32 unwinds;               // the last look for a message ended because the body has to unwind
  f64 faultValue;

  // The batch: messages base … base + fetched - 1 of the input edge; `taken` of them were handed to the body, the last of which it may still hold.
  RlEdge source;
  u32 edge, base, taken, fetched, holds, released;
  const u8* hand;
  u64 outputNs;              // when the message in hand led to its last output, or 0

  // With a thread a message: outputs of one of all ports together, messages that faulted, which half holds the sums.
  u32 each, faulted, half;

  // Outputs: of those placed since the last publication the last `staged` of all ports lie here and the others already in their rings.
  u32 staged, sequence;
  u32 isHandler, hasSystemSink;
  u8 stagedPort[RL_STAGED_MAX];
  u32 stagedRank[RL_STAGED_MAX];

  // The host's line as last seen, and ours as last posted.
  u32 inTail, outHead, command, heartbeat, hostIn, hostOut, waitsFor, polls, full;   // full: the edge that has no room
  u64 lookedNs, publishedNs, hostNs, beatNs;
  u32 logTail, logHead, logPosted, logDropped;
  RlLetters letters;
  u32 letterTail, letterHead, letterPosted, hasMet;   // hasMet: letters.met holds what the message in hand met

  f64 processed, sent, dropped, errors, latencyNsMax;
  f64 postedDropped;
  u64 batchLatencyNsMax;
  u32 outDepthMax;

  // The hybrid clock: the last time that was given to an output or taken from a message, on the host's clock. Messages that came too late, clocks that were
  // not believed, and messages given up of which nothing but their number is known.
  u64 clock;
  u64 expired, skewed, lettersLost, postedExpired, postedOdd;
  // With a thread a message: when the batch was taken, and its outputs' first time.
  u64 batchTakenNs, batchSentNs;
  u32 batchExpired, batchSkewed;

  __device__ u32* control(u32 word) { return (u32*)actor.control + word; }
};

static_assert(sizeof(RlBlock) <= RL_BLOCK_BYTES && sizeof(RlOut) == 64, "shape.ts counts them");

/** Bytes of shared memory of a ring kernel of this shape; the host gives as many to its launch. */
RL_FN constexpr u32 rl_shared_bytes(RlShape shape) {
  return RL_BLOCK_BYTES + shape.ports * (u32)sizeof(RlOut) + shape.capture + (shape.flags & RL_MESSAGES ? ((shape.ports * 12 + 2) * shape.inBatch + 15) / 16 * 16 : 0)
    + (shape.flags & RL_IN_SCRATCH ? 0 : shape.inStride * shape.inBatch) + (shape.flags & RL_OUT_SCRATCH ? 0 : shape.outStride * shape.outBatch);
}

#ifdef RL_SIM
RL_FN RlBlock& rl_block() { return *(RlBlock*)rl_sim_dynamic_shared(); }
#else
extern __shared__ RlQuad rl_shared[];
RL_FN RlBlock& rl_block() { return *(RlBlock*)rl_shared; }
#endif

RL_FN RlOut& rl_out(u32 port) { return ((RlOut*)((u8*)&rl_block() + RL_BLOCK_BYTES))[port]; }
/** What the parallel body in progress reads of the leader's variables. */
template <class Use> RL_FN Use& rl_capture() { return *(Use*)((u8*)&rl_block() + rl_block().captureAt); }

/** The leader, first of all: what the kernel is; then rl_port for each output. */
RL_FN void rl_describe(const RlActor& actor, RlShape shape) {
  RlBlock& s = rl_block();
  s.actor = actor;
  s.shape = shape;
}

/** `max`: of a body that runs a thread a message, the most outputs of one. */
RL_FN void rl_port(u32 port, u32 stride, u32 max) {
  rl_out(port).stride = stride;
  rl_out(port).max = max;
}

RL_FN u32 rl_load(const RlEdge& edge, u32 byte) { return rl_load_sys(edge.record + byte); }
RL_FN void rl_store(const RlEdge& edge, u32 byte, u32 value) { rl_store_sys(edge.record + byte, value); }
#define RL_TAIL 0u
#define RL_DEPTH_MAX 12u
#define RL_HEAD 128u
