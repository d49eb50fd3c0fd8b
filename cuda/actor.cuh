// One block runs one ring kernel: its shared memory, and the leader's side of the rings. Part of the device prelude, after ring.cuh.
//
// Thread 0, the leader, runs the body. The other threads wait at the barrier for an operation: they move slots between rings and shared memory, and run
// the bodies of each and reduce. All that the leader knows of its rings lies in the block's shared memory, so that the functions here can stay
// out of line and still keep nothing in local memory.

#define RL_SLOTS_SHARED 16384u   // more bytes of slots than this lie in scratch memory (src/compiler/cuda/shape.ts)
#define RL_LANES 256u            // lanes of a reduction: part of the language, not of the launch
#define RL_FUEL 4096u            // rounds of a loop between two looks for a stop command
#define RL_FLUSH_NS 5000u        // the oldest unsent output waits no longer than this for the end of its batch
#define RL_LOOK_NS 50000u        // how old the last look at the host's line may be while there is work
#define RL_LOOK_BESIDE_NS 2000u  // the same while messages come over other edges: the host's line is a bus away
#define RL_NAP_NS_MAX 20000u
#define RL_POLLS_AWAKE 64u       // looks without a nap: about as many microseconds across a bus

/** Block operations. */
enum : u32 { RL_EXIT = 0, RL_FETCH = 1, RL_SPILL = 2, RL_FIRST = 8 };
/** How a wait ended. */
enum : u32 { RL_NONE = 0, RL_GOT = 1, RL_UNWIND = 2 };


template <u32 In, u32 InBatch, u32 Out, u32 OutBatch, u32 Ports, u32 Capture, u32 Log> struct RlBlock {
  static constexpr u32 inStride = In, inBatch = InBatch, outStride = Out, outBatch = OutBatch, ports = Ports, logStride = Log;
  static constexpr bool inScratch = In * InBatch > RL_SLOTS_SHARED, outScratch = Out * OutBatch > RL_SLOTS_SHARED;

  RlActor actor;
  alignas(16) u8 capture[Capture];   // what the parallel body in progress reads of the leader's variables
  f64 lanes[RL_LANES];
  u32 histogram[RL_BUCKETS];
  RlQuad nothing[2];                 // the envelope while no message is in hand: zeros

  // The operation in progress.
  u32 op, count;
  volatile u32 abort;
  u32 faultSite;
  u32 faultOrder;
  f64 faultValue;

  // The batch: messages base … base + fetched - 1 of the input edge; `taken` of them were handed to the body, the last of which it may still hold.
  RlEdge source;
  u32 edge, base, taken, fetched, holds, released;
  const u8* hand;
  u64 outputNs;                      // when the message in hand led to its last output, or 0

  // Outputs: `placed` of each port since the last publication, of which the last `staged` of all ports lie here and the others already in their rings.
  u32 staged, sequence;
  u32 placed[Ports], mark[Ports], room[Ports];   // mark: of those, how many came before the message in hand
  RlPort sinks[Ports];
  RlEdge sink[Ports];                // a port's first edge
  u32 stride[Ports];
  u32 isHandler, hasSystemSink;
  u8 stagedPort[OutBatch];
  u32 stagedRank[OutBatch];

  // The host's line as last seen, and ours as last posted.
  u32 inTail, outHead, command, heartbeat, hostIn, hostOut, waitsFor, parking;
  u64 lookedNs, publishedNs, hostNs;
  u32 logTail, logHead, logPosted, logDropped;

  f64 processed, sent, dropped, errors, latencyNsMax;
  f64 postedDropped;
  u32 inDepthMax, outDepthMax;

  alignas(16) u8 inSlots[inScratch ? 16 : In * InBatch];
  alignas(16) u8 outSlots[outScratch ? 16 : Out * OutBatch];

  __device__ u8* in() { return inScratch ? actor.scratch : inSlots; }
  __device__ u8* out() { return outScratch ? actor.scratch + (inScratch ? In * InBatch : 0) : outSlots; }
  __device__ u32* control(u32 word) { return (u32*)actor.control + word; }
};

RL_FN u32 rl_load(const RlEdge& edge, u32 byte) { return edge.scope == RL_DEVICE ? rl_load_gpu(edge.record + byte) : rl_load_sys(edge.record + byte); }
RL_FN void rl_store(const RlEdge& edge, u32 byte, u32 value) { if (edge.scope == RL_DEVICE) rl_store_gpu(edge.record + byte, value); else rl_store_sys(edge.record + byte, value); }
#define RL_TAIL 0u
#define RL_HEAD 128u

// ---- Block operations: every thread of the block runs them.

/** Ring → slots of the block, in units of 16 bytes. */
template <class B> RL_SLOW void rl_sweep_in(B& s) {
  const u32 quads = B::inStride / 16;
  RlQuad* to = (RlQuad*)s.in();
  const RlEdge& from = s.source;
#pragma unroll 1
  for (u32 t = RL_TID; t < s.fetched * quads; t += RL_THREADS)
    to[t] = ((const RlQuad*)(from.slots + (u64)((s.base + t / quads) & from.mask) * B::inStride))[t % quads];
}

/** Staged outputs → every ring their port leads to. */
template <class B> RL_SLOW void rl_sweep_out(B& s) {
  const u32 quads = B::outStride / 16;
  const RlQuad* from = (const RlQuad*)s.out();
#pragma unroll 1
  for (u32 t = RL_TID; t < s.staged * quads; t += RL_THREADS) {
    const u32 j = t / quads, unit = t % quads, port = s.stagedPort[j];
    if (unit * 16 >= s.stride[port]) continue;
#pragma unroll 1
    for (u32 e = 0; e < s.sinks[port].count; e++) {
      const RlEdge& to = e == 0 ? s.sink[port] : s.actor.outputs[s.sinks[port].first + e];
      const u32 tail = to.record ? rl_load(to, RL_TAIL) : s.hostOut;
      ((RlQuad*)(to.slots + (u64)((tail + s.stagedRank[j]) & to.mask) * s.stride[port]))[unit] = from[t];
    }
  }
}

template <class B> RL_FN void rl_operation(B& s, u32 op) { if (op == RL_FETCH) rl_sweep_in(s); else if (op == RL_SPILL) rl_sweep_out(s); }

/** The leader has the whole block do one of the two. */
template <class B> RL_FN void rl_together(B& s, u32 op) {
  s.op = op;
  rl_barrier();
  rl_operation(s, op);
  rl_barrier();
}

// ---- The leader.

/** Reads the host's line: what it asks, and how far its ends of the rings are. */
template <class B> RL_SLOW void rl_look(B& s) {
  const RlQuad q = rl_poll(s.actor.control);
  s.inTail = q.x;
  s.outHead = q.y;
  s.lookedNs = rl_clock();
  if (q.z == RL_STOP || q.w == RL_EPOCH_STOP) s.command = RL_STOP;
  else if (q.w != s.actor.epoch || (q.z != RL_RUN && q.z != RL_DRAIN)) s.command = RL_PARK;
  else s.command = q.z;
}

template <class B> RL_FN bool rl_may_run(B& s) { return s.command == RL_RUN || s.command == RL_DRAIN; }

template <class B> RL_FN u64 rl_host_clock(B& s) { return rl_clock() + (u64)s.actor.clockOffsetNs; }

/** Nanoseconds since activation. */
template <class B> RL_SLOW f64 rl_now_ns(B& s) { return (f64)(i64)(rl_host_clock(s) - s.actor.activatedAtNs); }

template <class B> RL_SLOW void rl_note_latency(B& s) {
  const u64 sentAtNs = ((const RlEnvelope*)s.hand)->sentAtNs, doneAtNs = s.outputNs ? s.outputNs : rl_host_clock(s);
  // The two clocks are compared through a measured offset, so a short latency may come out below nothing.
  const u64 ns = doneAtNs > sentAtNs ? doneAtNs - sentAtNs : 0;
  u32 bucket = (u32)ns;
  if (ns >= 16) {
    const u32 octave = 59 - rl_leading_zeros(ns);
    bucket = (octave + 1) * 16 + (u32)((ns >> octave) & 15);
    if (bucket >= RL_BUCKETS) bucket = RL_BUCKETS - 1;
  }
  rl_store_sys(s.control(RL_HISTOGRAM + bucket), ++s.histogram[bucket]);
  if ((f64)ns > s.latencyNsMax) s.latencyNsMax = (f64)ns;
}

/** The body is done with the message in hand. Its slot goes back to the producer with the next publication. */
template <class B> RL_SLOW void rl_finish(B& s) {
  if (!s.holds) return;
  rl_note_latency(s);
  s.processed += 1;
  s.holds = 0;
  s.hand = (const u8*)s.nothing;
  for (u32 p = 0; p < B::ports; p++) s.mark[p] = s.placed[p];
}

/** Posts counters and {inHead, outTail, state, heartbeat}. */
template <class B> RL_SLOW void rl_post_host(B& s) {
  rl_post_pair(s.control(RL_PROCESSED), rl_bits_of(s.processed), rl_bits_of(s.sent));
  if (s.dropped + s.errors != s.postedDropped) {
    s.postedDropped = s.dropped + s.errors;
    rl_post_pair(s.control(RL_DROPPED), rl_bits_of(s.dropped), rl_bits_of(s.errors));
  }
  const u32 depth = s.hostOut - s.outHead;
  if (depth > s.outDepthMax && depth <= s.actor.outputs[0].mask + 1) s.outDepthMax = depth;
  rl_post_pair(s.control(RL_LATENCY_MAX), rl_bits_of(s.latencyNsMax), ((u64)s.outDepthMax << 32) | s.inDepthMax);
  if (s.logTail != s.logPosted) { s.logPosted = s.logTail; rl_store_sys(s.actor.log, s.logTail); }
  if (s.logDropped) rl_store_sys(s.control(RL_LOG_DROPPED), s.logDropped);
  rl_post(s.control(RL_IN_HEAD), RlQuad{ s.hostIn, s.hostOut, RL_RUNNING, ++s.heartbeat });
  s.hostNs = rl_clock();
}

/** Publishes outputs, then releases finished messages: one fence for all of it. */
template <class B> RL_SLOW void rl_publish(B& s, bool always) {
  if (s.staged) { rl_together(s, RL_SPILL); s.staged = 0; }
  const u32 finished = s.base + s.taken - s.holds;
  bool moved = finished != s.released, toHost = always || s.logTail != s.logPosted;
  for (u32 p = 0; p < B::ports; p++) if ((s.isHandler && s.holds ? s.mark[p] : s.placed[p]) != 0) moved = true;
  s.publishedNs = rl_clock();
  if (s.source.record == 0 || s.hasSystemSink || s.publishedNs - s.hostNs > RL_LOOK_NS) toHost |= moved;
  if (!moved && !toHost) return;
  if (toHost || s.source.scope == RL_SYSTEM) rl_fence_sys(); else rl_fence_gpu();
#pragma unroll 1
  for (u32 p = 0; p < B::ports; p++) {
    const u32 count = s.isHandler && s.holds ? s.mark[p] : s.placed[p];
    if (count == 0) continue;
    s.placed[p] -= count;
    s.mark[p] = 0;
    if (s.sinks[p].count == 0) { s.dropped += count; continue; }
    s.sent += count;
#pragma unroll 1
    for (u32 e = 0; e < s.sinks[p].count; e++) {
      const RlEdge& to = e == 0 ? s.sink[p] : s.actor.outputs[s.sinks[p].first + e];
      if (to.record) rl_store(to, RL_TAIL, rl_load(to, RL_TAIL) + count); else s.hostOut += count;
    }
  }
  if (s.source.record) rl_store(s.source, RL_HEAD, finished); else s.hostIn = finished;
  s.released = finished;
  if (toHost) rl_post_host(s);
}

/** Publishes once the oldest unsent output has waited long enough, and looks for a command from time to time. False: the body has to unwind. */
template <class B> RL_FN bool rl_keep_up(B& s) {
  const u64 now = rl_clock();
  if (now - s.publishedNs < RL_FLUSH_NS) return true;
  rl_publish(s, false);
  if (now - s.lookedNs > RL_LOOK_NS) rl_look(s);
  return rl_may_run(s);
}

/** One step of a wait: says what for once it lasts, and naps ever longer. */
template <class B> RL_SLOW void rl_wait(B& s, u32& polls, u32 what, u32 edge) {
  polls++;
#ifndef RL_SIM
  if (polls < RL_POLLS_AWAKE) return;
#endif
  if (polls >= RL_POLLS_AWAKE && s.waitsFor != what) {
    s.waitsFor = what;
    rl_store_sys(s.control(RL_WAITS_EDGE), edge);
    rl_store_sys(s.control(RL_WAITS_FOR), what);
  }
  const u32 doublings = polls > RL_POLLS_AWAKE ? polls - RL_POLLS_AWAKE : 0;
  rl_nap(doublings >= 10 ? RL_NAP_NS_MAX : 32u << doublings);
}

template <class B> RL_FN void rl_wait_over(B& s) {
  if (s.waitsFor == RL_WAITS_FOR_NOTHING) return;
  s.waitsFor = RL_WAITS_FOR_NOTHING;
  rl_store_sys(s.control(RL_WAITS_FOR), RL_WAITS_FOR_NOTHING);
  rl_store_sys(s.control(RL_WAITS_EDGE), 0);
}

/** The batch now comes from this edge. */
template <class B> RL_SLOW u32 rl_select(B& s, u32 number) {
  if (number != s.edge) {
    s.edge = number;
    s.source = s.actor.inputs[number];
    s.base = s.released = s.source.record ? rl_load(s.source, RL_HEAD) : s.hostIn;
    s.taken = s.fetched = 0;
  }
  return (s.source.record ? rl_load(s.source, RL_TAIL) : s.inTail) - s.base;
}

/** Looks at all input edges, beginning after the last one served; takes a batch of at most `most` from the first that has messages. */
template <class B> RL_SLOW u32 rl_fetch(B& s, bool waits, u32 most) {
  rl_publish(s, false);
  s.base += s.taken;
  s.taken = s.fetched = 0;
  const u32 edges = s.actor.inputCount, last = s.edge;
#pragma unroll 1
  for (u32 polls = 0;;) {
    if (edges == 1 || polls || rl_clock() - s.lookedNs > RL_LOOK_BESIDE_NS) rl_look(s);
    if (!rl_may_run(s)) { rl_wait_over(s); return RL_UNWIND; }
#pragma unroll 1
    for (u32 k = 1; k <= edges; k++) {
      const u32 number = last + k < edges ? last + k : last + k - edges, ready = rl_select(s, number);
      if (ready == 0) continue;
      // The producer's slots were written before its tail: no slot is read before this.
      if (s.source.scope == RL_DEVICE) rl_fence_gpu(); else rl_fence_sys();
      rl_wait_over(s);
      if (number == 0 && ready > s.inDepthMax) s.inDepthMax = ready;
      s.fetched = ready < most ? ready : most;
      rl_together(s, RL_FETCH);
      return RL_GOT;
    }
    if (!waits) return RL_NONE;
    if (s.command == RL_DRAIN) { s.command = RL_STOP; rl_wait_over(s); return RL_UNWIND; }
    rl_wait(s, polls, RL_WAITS_FOR_INPUT, 0);
  }
}

template <class B> RL_FN const u8* rl_take(B& s) {
  s.hand = s.in() + s.taken * B::inStride;
  s.taken++;
  s.holds = 1;
  s.outputNs = 0;
  for (u32 p = 0; p < B::ports; p++) s.mark[p] = s.placed[p];
  return s.hand + RL_ENVELOPE;
}

/** Finishes the message in hand and takes the next one: its payload, valid until the next receive. Null: the body has to unwind. */
template <class B> RL_SLOW const u8* rl_receive(B& s) {
  rl_finish(s);
  if (s.taken < s.fetched ? !rl_keep_up(s) : rl_fetch(s, true, B::inBatch) != RL_GOT) return 0;
  return rl_take(s);
}

/** The same, but `unwind` tells a wait that has to end from a ring that is empty. */
template <class B> RL_SLOW const u8* rl_try_receive(B& s, bool& unwind) {
  rl_finish(s);
  if (s.taken < s.fetched) unwind = !rl_keep_up(s);
  else {
    const u32 got = rl_fetch(s, false, B::inBatch);
    unwind = got == RL_UNWIND;
    if (got != RL_GOT) return 0;
  }
  return unwind ? 0 : rl_take(s);
}

/** Slots free behind what is placed, in the fullest of a port's rings; `full` is that ring's number. */
template <class B> RL_SLOW u32 rl_measure_room(B& s, u32 port, u32& full) {
  u32 room = 0x7fffffffu;
#pragma unroll 1
  for (u32 e = 0; e < s.sinks[port].count; e++) {
    const RlEdge& to = e == 0 ? s.sink[port] : s.actor.outputs[s.sinks[port].first + e];
    const u32 depth = (to.record ? rl_load(to, RL_TAIL) - rl_load(to, RL_HEAD) : s.hostOut - s.outHead) + s.placed[port];
    const u32 free = depth > to.mask ? 0 : to.mask + 1 - depth;
    if (free < room) { room = free; full = to.number; }
  }
  return room;
}

/** Waits until `count` more outputs of the port have room. False: the body has to unwind. */
template <class B> RL_SLOW bool rl_wait_for_room(B& s, u32 port, u32 count) {
  rl_look(s);
#pragma unroll 1
  for (u32 polls = 0;;) {
    if (!rl_may_run(s)) { rl_wait_over(s); return false; }
    u32 full = 0;
    s.room[port] = rl_measure_room(s, port, full);
    if (s.room[port] >= count) break;
    if (polls == 0) rl_publish(s, false);
    rl_wait(s, polls, RL_WAITS_FOR_ROOM, full);
    rl_look(s);
  }
  // The consumer's reads of these slots come before our writes to them.
  rl_fence_sys();
  rl_wait_over(s);
  return true;
}

template <class B> RL_FN bool rl_room(B& s, u32 port, u32 count) { return s.room[port] >= count && rl_may_run(s) ? true : rl_wait_for_room(s, port, count); }

/** Stages one output, for which there is room: its payload, to be written by the caller. */
template <class B> RL_SLOW u8* rl_stage(B& s, u32 port, u64 correlation, u32 priority) {
  if (s.staged == B::outBatch) { rl_together(s, RL_SPILL); s.staged = 0; }
  const u32 j = s.staged++;
  s.stagedPort[j] = (u8)port;
  s.stagedRank[j] = s.placed[port]++;
  if (s.sinks[port].count) s.room[port]--;
  u8* slot = s.out() + j * B::outStride;
  s.outputNs = rl_host_clock(s);
  *(RlEnvelope*)slot = RlEnvelope{ ++s.sequence, s.actor.origin, correlation, (u8)priority, 0, 0, 0, s.outputNs };
  return slot + RL_ENVELOPE;
}

/** After the payload is written. In a loop the output leaves when its time has come; what a handler stages leaves with its message. */
template <class B> RL_FN void rl_sent(B& s) { if (!s.isHandler) rl_keep_up(s); }

/** A loop's fuel is used up: looks for a stop. `fuel` is filled again. */
template <class B> RL_SLOW bool rl_stopped(B& s, u32& fuel) {
  fuel = RL_FUEL;
  rl_publish(s, false);
  rl_look(s);
  return s.command == RL_STOP;
}

/** Nothing left to take, on any edge? */
template <class B> RL_SLOW bool rl_is_drained(B& s) {
  if (s.taken < s.fetched) return false;
  rl_look(s);
#pragma unroll 1
  for (u32 k = 0; k < s.actor.inputCount; k++) {
    const RlEdge& edge = s.actor.inputs[k];
    const u32 head = k == s.edge ? s.base + s.taken : edge.record ? rl_load(edge, RL_HEAD) : s.hostIn;
    if ((edge.record ? rl_load(edge, RL_TAIL) : s.inTail) != head) return false;
  }
  return true;
}

template <class B> RL_FN bool rl_should_terminate(B& s) { return s.command == RL_STOP || (s.command == RL_DRAIN && rl_is_drained(s)); }
