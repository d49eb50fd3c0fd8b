// One block runs one ring kernel: the leader's side of its rings. Part of the device prelude, after block.cuh.
//
// Thread 0, the leader, runs the body. The other threads wait at the barrier for an operation: they move slots between rings and shared memory, and run
// the bodies of each and reduce. All that the leader knows of its rings lies in the block's shared memory, so that the functions here can stay
// out of line and still keep nothing in local memory: none takes a reference to a variable of its caller.

#define RL_FUEL 4096u            // rounds of a loop between two looks for a stop command
#define RL_FLUSH_NS 5000u        // the oldest unsent output waits no longer than this for the end of its batch
#define RL_LOOK_NS 50000u        // how old the last look at the host's line may be while there is work
#define RL_LOOK_BESIDE_NS 2000u  // the same while messages come over other edges: the host's line is a bus away
#define RL_BEAT_NS 50000u        // how often a look or a fuel check tells the host that the ring kernel goes on
#define RL_SKEW_NS_MAX 1000000000ll  // how far ahead of the time here a sender's clock is believed (src/ring/hybrid-clock.ts)
#define RL_NAP_NS_MAX 20000u
#define RL_POLLS_AWAKE 64u       // looks without a nap: about as many microseconds across a bus

// ---- Block operations: every thread of the block runs them.

/** Ring → slots of the block, in units of 16 bytes. */
RL_INNER_SLOW void rl_sweep_in() {
  RlBlock& s = rl_block();
  const u32 quads = s.shape.inStride / 16, all = s.fetched * quads;
  RlQuad* to = (RlQuad*)s.inSlots;
  const RlEdge& from = s.source;
#pragma unroll 1
  for (u32 t = RL_TID; t < all; t += RL_THREADS)
    to[t] = ((const RlQuad*)(from.slots + (u64)((s.base + t / quads) & from.mask) * s.shape.inStride))[t % quads];
}

/** Staged outputs → every ring their port leads to. */
RL_INNER_SLOW void rl_sweep_out() {
  RlBlock& s = rl_block();
  const u32 quads = s.shape.outStride / 16, all = s.staged * quads;
  const RlQuad* from = (const RlQuad*)s.outSlots;
#pragma unroll 1
  for (u32 t = RL_TID; t < all; t += RL_THREADS) {
    const u32 j = t / quads, unit = t % quads, port = s.stagedPort[j];
    if (unit * 16 >= rl_out(port).stride) continue;
#pragma unroll 1
    for (u32 e = 0; e < rl_out(port).edges.count; e++) {
      const RlEdge& to = e == 0 ? rl_out(port).edge : s.actor.outputs[rl_out(port).edges.first + e];
      const u32 tail = to.record ? rl_load(to, RL_TAIL) : s.hostOut;
      ((RlQuad*)(to.slots + (u64)((tail + s.stagedRank[j]) & to.mask) * rl_out(port).stride))[unit] = from[t];
    }
  }
}

RL_SLOW void rl_operation(u32 op) {
  if (op == RL_FETCH) rl_sweep_in();
  else if (op == RL_SPILL) rl_sweep_out();
}

/** All threads but the leader, of a body that has no operations of its own. */
RL_SLOW void rl_serve() {
  RlBlock& s = rl_block();
#pragma unroll 1
  for (;;) {
    rl_barrier();
    if (s.op == RL_EXIT) return;
    rl_operation(s.op);
    rl_barrier();
  }
}

/** The leader has no more work for the others. */
RL_FN void rl_exit() {
  rl_block().op = RL_EXIT;
  rl_barrier();
}

/** The leader has the whole block do one of the two. */
RL_INNER_SLOW void rl_together(u32 op) {
  RlBlock& s = rl_block();
  s.op = op;
  rl_barrier();
  if (op == RL_FETCH) rl_sweep_in();
  else rl_sweep_out();
  rl_barrier();
}

// ---- The leader.

/** A sign of life: a look, or a loop that goes on computing. Any thread may give it. */
RL_FN void rl_beat(u64 now) {
  RlBlock& s = rl_block();
  if (now - s.beatNs < RL_BEAT_NS) return;
  s.beatNs = now;
  rl_store_sys(s.control(RL_HEARTBEAT), atomicAdd(&s.heartbeat, 1u) + 1);
}

/** Reads the host's line: what it asks, and how far its ends of the rings are. */
RL_SLOW void rl_look() {
  RlBlock& s = rl_block();
  const RlQuad q = rl_poll(s.actor.control);
  s.inTail = q.x;
  s.outHead = q.y;
  s.lookedNs = rl_clock();
  rl_beat(s.lookedNs);
  if (q.z == RL_STOP || q.w == RL_EPOCH_STOP) s.command = RL_STOP;
  else if (q.w != s.actor.epoch || (q.z != RL_RUN && q.z != RL_DRAIN)) s.command = RL_PARK;
  else s.command = q.z;
}

RL_FN bool rl_may_run() {
  RlBlock& s = rl_block();
  return s.command == RL_RUN || s.command == RL_DRAIN;
}

RL_FN u64 rl_host_clock() { return rl_clock() + (u64)rl_block().actor.clockOffsetNs; }

/** Nanoseconds since activation. */
RL_SLOW f64 rl_now_ns() { return (f64)(i64)(rl_host_clock() - rl_block().actor.activatedAtNs); }

/** The bucket of the latency histogram: sixteen to each power of two. */
RL_INNER u32 rl_bucket_of(u64 ns) {
  if (ns < 16) return (u32)ns;
  const u32 octave = 59 - rl_leading_zeros(ns), bucket = (octave + 1) * 16 + (u32)((ns >> octave) & 15);
  return bucket < RL_BUCKETS ? bucket : RL_BUCKETS - 1;
}

RL_INNER_SLOW void rl_note_latency() {
  RlBlock& s = rl_block();
  const u64 sentAtNs = ((const RlEnvelope*)s.hand)->sentAtNs, doneAtNs = s.outputNs ? s.outputNs : rl_host_clock();
  // The two clocks are compared through a measured offset, so a short latency may come out below nothing.
  const u64 ns = doneAtNs > sentAtNs ? doneAtNs - sentAtNs : 0;
  const u32 bucket = rl_bucket_of(ns);
  rl_store_sys(s.control(RL_HISTOGRAM + bucket), ++s.histogram[bucket]);
  if ((f64)ns > s.latencyNsMax) s.latencyNsMax = (f64)ns;
}

/** The body is done with the message in hand. Its slot goes back to the producer with the next publication. */
RL_SLOW void rl_finish() {
  RlBlock& s = rl_block();
  if (!s.holds) return;
  rl_note_latency();
  s.processed += 1;
  s.holds = 0;
  s.hand = (const u8*)s.nothing;
  for (u32 p = 0; p < s.shape.ports; p++) rl_out(p).mark = rl_out(p).placed;
}

/** Posts counters and {inHead, outTail, state, heartbeat}. */
RL_INNER_SLOW void rl_post_host() {
  RlBlock& s = rl_block();
  rl_post_pair(s.control(RL_PROCESSED), rl_bits_of(s.processed), rl_bits_of(s.sent));
  if (s.dropped + s.errors != s.postedDropped) {
    s.postedDropped = s.dropped + s.errors;
    rl_post_pair(s.control(RL_DROPPED), rl_bits_of(s.dropped), rl_bits_of(s.errors));
  }
  const u32 depth = s.hostOut - s.outHead;
  if (depth > s.outDepthMax && depth <= s.actor.outputs[0].mask + 1) s.outDepthMax = depth;
  rl_post_pair(s.control(RL_LATENCY_MAX), rl_bits_of(s.latencyNsMax), (u64)s.outDepthMax << 32);
  rl_post_pair(s.control(RL_EXPIRED), rl_bits_of((f64)s.expired), rl_bits_of((f64)s.clock));
  if (s.skewed + s.lettersLost != s.postedOdd) {
    s.postedOdd = s.skewed + s.lettersLost;
    rl_post_pair(s.control(RL_SKEWED), rl_bits_of((f64)s.skewed), rl_bits_of((f64)s.lettersLost));
  }
  s.postedExpired = s.expired;
  if (s.logTail != s.logPosted) { s.logPosted = s.logTail; rl_store_sys(s.actor.log, s.logTail); }
  if (s.letterTail != s.letterPosted) { s.letterPosted = s.letterTail; rl_store_sys(s.actor.log + 4, s.letterTail); }
  if (s.logDropped) rl_store_sys(s.control(RL_LOG_DROPPED), s.logDropped);
  rl_post(s.control(RL_IN_HEAD), RlQuad{ s.hostIn, s.hostOut, RL_RUNNING, ++s.heartbeat });
  s.hostNs = s.beatNs = rl_clock();
}

/** Shows `count` more messages of a ring between ring kernels, and notes the most that lay there at once: between two looks of its consumer, only its producer can tell. */
RL_FN void rl_advance(const RlEdge& to, u32 count) {
  const RlQuad line = rl_poll(to.record);   // {tail, …, most there were}: src/ring/edge.ts
  const u32 tail = line.x + count;
  rl_store(to, RL_TAIL, tail);
  const u32 depth = tail - rl_load(to, RL_HEAD);
  if (depth > line.w && depth <= to.mask + 1) rl_store(to, RL_DEPTH_MAX, depth);
}

/** Publishes outputs, then releases finished messages: one fence for all of it. */
RL_INNER_SLOW void rl_publish(bool always) {
  RlBlock& s = rl_block();
  if (s.staged) { rl_together(RL_SPILL); s.staged = 0; }
  const u32 finished = s.base + s.taken - s.holds;
  bool moved = finished != s.released, toHost = always || s.logTail != s.logPosted || s.expired != s.postedExpired || s.letterTail != s.letterPosted || s.skewed + s.lettersLost != s.postedOdd;
  for (u32 p = 0; p < s.shape.ports; p++) if ((s.isHandler && s.holds ? rl_out(p).mark : rl_out(p).placed) != 0) moved = true;
  s.publishedNs = rl_clock();
  if (s.source.record == 0 || s.hasSystemSink || s.publishedNs - s.hostNs > RL_LOOK_NS) toHost |= moved;
  if (!moved && !toHost) return;
  if (toHost || s.source.scope == RL_SYSTEM) rl_fence_sys(); else rl_fence_gpu();
#pragma unroll 1
  for (u32 p = 0; p < s.shape.ports; p++) {
    const u32 count = s.isHandler && s.holds ? rl_out(p).mark : rl_out(p).placed;
    if (count == 0) continue;
    rl_out(p).placed -= count;
    rl_out(p).mark = 0;
    if (rl_out(p).edges.count == 0) { s.dropped += count; continue; }
    s.sent += count;
#pragma unroll 1
    for (u32 e = 0; e < rl_out(p).edges.count; e++) {
      const RlEdge& to = e == 0 ? rl_out(p).edge : s.actor.outputs[rl_out(p).edges.first + e];
      if (to.record) rl_advance(to, count); else s.hostOut += count;
    }
  }
  if (s.source.record) rl_store(s.source, RL_HEAD, finished); else s.hostIn = finished;
  s.released = finished;
  if (toHost) rl_post_host();
}

/** Publishes once the oldest unsent output has waited long enough, and looks for a command from time to time. False: the body has to unwind. */
RL_SLOW bool rl_keep_up() {
  RlBlock& s = rl_block();
  const u64 now = rl_clock();
  if (now - s.publishedNs < RL_FLUSH_NS) return true;
  rl_publish(false);
  if (now - s.lookedNs > RL_LOOK_NS) rl_look();
  return rl_may_run();
}

/** One step of a wait, of which there were `s.polls`: says what for once it lasts, and naps ever longer. */
RL_INNER_SLOW void rl_wait(u32 what, u32 edge, u32 count) {
  RlBlock& s = rl_block();
  const u32 polls = ++s.polls;
#ifndef RL_SIM
  if (polls < RL_POLLS_AWAKE) return;
#endif
  if (polls >= RL_POLLS_AWAKE && s.waitsFor != what) {
    s.waitsFor = what;
    rl_store_sys(s.control(RL_WAITS_COUNT), count);
    rl_store_sys(s.control(RL_WAITS_EDGE), edge);
    rl_store_sys(s.control(RL_WAITS_FOR), what);
  }
  const u32 doublings = polls > RL_POLLS_AWAKE ? polls - RL_POLLS_AWAKE : 0;
  rl_nap(doublings >= 10 ? RL_NAP_NS_MAX : 32u << doublings);
}

RL_INNER_SLOW void rl_wait_over() {
  RlBlock& s = rl_block();
  if (s.waitsFor == RL_WAITS_FOR_NOTHING) return;
  s.waitsFor = RL_WAITS_FOR_NOTHING;
  rl_store_sys(s.control(RL_WAITS_FOR), RL_WAITS_FOR_NOTHING);
  rl_store_sys(s.control(RL_WAITS_EDGE), 0);
}

/** The batch now comes from this edge. */
RL_INNER_SLOW u32 rl_select(u32 number) {
  RlBlock& s = rl_block();
  if (number != s.edge) {
    s.edge = number;
    s.source = s.actor.inputs[number];
    s.base = s.released = s.source.record ? rl_load(s.source, RL_HEAD) : s.hostIn;
    s.taken = s.fetched = 0;
  }
  return (s.source.record ? rl_load(s.source, RL_TAIL) : s.inTail) - s.base;
}

/** Looks at all input edges, beginning after the last one served; takes a batch of at most `most` from the first that has messages. */
RL_INNER_SLOW u32 rl_fetch(bool waits, u32 most) {
  RlBlock& s = rl_block();
  rl_publish(false);
  s.base += s.taken;
  s.taken = s.fetched = 0;
  const u32 edges = s.actor.inputCount, last = s.edge;
#pragma unroll 1
  for (s.polls = 0;;) {
    if (edges == 1 || s.polls || rl_clock() - s.lookedNs > RL_LOOK_BESIDE_NS) rl_look();
    if (!rl_may_run()) { rl_wait_over(); return RL_UNWIND; }
#pragma unroll 1
    for (u32 k = 1; k <= edges; k++) {
      const u32 number = last + k < edges ? last + k : last + k - edges, ready = rl_select(number);
      if (ready == 0) continue;
      // The producer's slots were written before its tail: no slot is read before this.
      if (s.source.scope == RL_DEVICE) rl_fence_gpu(); else rl_fence_sys();
      rl_wait_over();
      s.fetched = ready < most ? ready : most;
      rl_together(RL_FETCH);
      return RL_GOT;
    }
    if (!waits) return RL_NONE;
    if (s.command == RL_DRAIN) { s.command = RL_STOP; rl_wait_over(); return RL_UNWIND; }
    rl_wait(RL_WAITS_FOR_INPUT, 0, 0);
  }
}

RL_FN void rl_copy_quads(u8* to, const u8* from, u32 bytes) {
  RlQuad* into = (RlQuad*)to;
  const RlQuad* out = (const RlQuad*)from;
  u32 k = 0;
  // Four at once: each load alone would wait for the memory.
#pragma unroll 1
  for (; k + 4 <= bytes / 16; k += 4) {
    const RlQuad a = out[k], b = out[k + 1], c = out[k + 2], d = out[k + 3];
    into[k] = a; into[k + 1] = b; into[k + 2] = c; into[k + 3] = d;
  }
#pragma unroll 1
  for (; k < bytes / 16; k++) into[k] = out[k];
}

/** Writes the dead letter of a message that lies in `slot`; without room it is counted as lost. Any thread may call it. */
RL_INNER_SLOW void rl_letter(u32 reason, const u8* slot, u32 index, u32 site, f64 value) {
  RlBlock& s = rl_block();
  if (s.letters.stride == 0) { atomicAdd(&s.lettersLost, (u64)1); return; }
  u32 tail = s.letterTail;
#pragma unroll 1
  for (;;) {
    if (tail - s.letterHead > s.letters.mask) {
      s.letterHead = rl_load_sys(s.actor.log + 128 + 4);
      if (tail - s.letterHead > s.letters.mask) { atomicAdd(&s.lettersLost, (u64)1); return; }
      // The host read these letters before it moved its head.
      rl_fence_sys();
    }
    const u32 seen = atomicCAS(&s.letterTail, tail, tail + 1);
    if (seen == tail) break;
    tail = seen;
  }
  RlLetter* letter = (RlLetter*)(s.actor.log + s.letters.offset + (u64)(tail & s.letters.mask) * s.letters.stride);
  const bool hasMet = reason == RL_LAST && s.hasMet;
  *letter = RlLetter{ reason, site, index, s.source.number, rl_bits_of(value), hasMet, 0 };
  u8* to = (u8*)(letter + 1);
  rl_copy_quads(to, slot, s.letters.slotBytes < s.shape.inStride ? s.letters.slotBytes : s.shape.inStride);
  if (hasMet) rl_copy_quads(to + s.letters.slotBytes, s.letters.met + sizeof(RlMet), s.letters.stateBytes + s.letters.frameBytes);
}

/** Keeps what the message in hand met: a body writes both in place, so that afterwards nobody could tell. */
RL_INNER void rl_keep_met() {
  RlBlock& s = rl_block();
  if (s.letters.stateBytes + s.letters.frameBytes == 0) return;
  u8* to = s.letters.met + sizeof(RlMet);
  rl_copy_quads(to, s.actor.state, s.letters.stateBytes);
  rl_copy_quads(to + s.letters.stateBytes, s.actor.frame, s.letters.frameBytes);
  ((RlMet*)s.letters.met)->isKnown = s.hasMet = 1;
}

/** The clock goes on from what others sent, unless theirs is too far ahead to be believed. The time of the last look is only a bound from below: it suffices nearly always. */
RL_INNER void rl_merge(u64 sentAtNs) {
  RlBlock& s = rl_block();
  if (sentAtNs <= s.clock) return;
  if ((i64)(sentAtNs - s.lookedNs - (u64)s.actor.clockOffsetNs) > RL_SKEW_NS_MAX && (i64)(sentAtNs - rl_host_clock()) > RL_SKEW_NS_MAX) s.skewed++;
  else s.clock = sentAtNs;
}

/** Had this message's time to live ended by then? */
RL_FN bool rl_has_expired(const RlEnvelope& envelope, u64 now) { return envelope.timeToLiveMs != 0 && (i64)(now - envelope.sentAtNs) > (i64)envelope.timeToLiveMs * 1000000; }

/** The next message of the batch is in hand. */
RL_INNER const u8* rl_hold() {
  RlBlock& s = rl_block();
  s.hand = s.inSlots + s.taken * s.shape.inStride;
  s.taken++;
  s.holds = 1;
  s.outputNs = 0;
  for (u32 p = 0; p < s.shape.ports; p++) rl_out(p).mark = rl_out(p).placed;
  return s.hand + RL_ENVELOPE;
}

/** The same, for the body; null when its time to live ended while it waited: then nobody is given it. */
RL_INNER_SLOW const u8* rl_take() {
  RlBlock& s = rl_block();
  const RlEnvelope& envelope = *(const RlEnvelope*)(s.inSlots + s.taken * s.shape.inStride);
  rl_merge(envelope.sentAtNs);
  if (envelope.timeToLiveMs == 0 || !rl_has_expired(envelope, rl_host_clock())) { rl_keep_met(); return rl_hold(); }
  rl_letter(RL_TOO_LATE, (const u8*)&envelope, s.base + s.taken, 0, 0.0);
  s.taken++;
  s.expired++;
  return 0;
}

/** Finishes the message in hand and takes the next one: its payload, valid until the next receive. Null: the body has to unwind. */
RL_SLOW const u8* rl_receive() {
  RlBlock& s = rl_block();
  rl_finish();
#pragma unroll 1
  for (;;) {
    if (s.taken < s.fetched ? !rl_keep_up() : rl_fetch(true, s.shape.inBatch) != RL_GOT) return 0;
    if (const u8* payload = rl_take()) return payload;
  }
}

/** The same, but `s.unwinds` tells a wait that has to end from a ring that is empty. */
RL_SLOW const u8* rl_try_receive() {
  RlBlock& s = rl_block();
  rl_finish();
#pragma unroll 1
  for (;;) {
    u32 got = RL_GOT;
    if (s.taken == s.fetched) got = rl_fetch(false, s.shape.inBatch);
    else if (!rl_keep_up()) got = RL_UNWIND;
    s.unwinds = got == RL_UNWIND;
    if (got != RL_GOT) return 0;
    if (const u8* payload = rl_take()) return payload;
  }
}

/** Slots free behind what is placed, in the fullest of a port's rings; `s.full` is that ring's number. */
RL_INNER_SLOW u32 rl_measure_room(u32 port) {
  RlBlock& s = rl_block();
  u32 room = 0x7fffffffu;
#pragma unroll 1
  for (u32 e = 0; e < rl_out(port).edges.count; e++) {
    const RlEdge& to = e == 0 ? rl_out(port).edge : s.actor.outputs[rl_out(port).edges.first + e];
    const u32 depth = (to.record ? rl_load(to, RL_TAIL) - rl_load(to, RL_HEAD) : s.hostOut - s.outHead) + rl_out(port).placed;
    const u32 free = depth > to.mask ? 0 : to.mask + 1 - depth;
    if (free < room) { room = free; s.full = to.number; }
  }
  return room;
}

/** Waits until `count` more outputs of the port have room. False: the body has to unwind. */
RL_SLOW bool rl_wait_for_room(u32 port, u32 count) {
  RlBlock& s = rl_block();
  rl_look();
#pragma unroll 1
  for (s.polls = 0;;) {
    if (!rl_may_run()) { rl_wait_over(); return false; }
    rl_out(port).room = rl_measure_room(port);
    if (rl_out(port).room >= count) break;
    if (s.polls == 0) rl_publish(false);
    rl_wait(RL_WAITS_FOR_ROOM, s.full, count);
    rl_look();
  }
  // The consumer's reads of these slots come before our writes to them.
  rl_fence_sys();
  rl_wait_over();
  return true;
}

RL_FN bool rl_room(u32 port, u32 count) {
  return (rl_out(port).room >= count && rl_may_run()) || rl_wait_for_room(port, count);
}

/** Stages one output, for which there is room: its payload, to be written by the caller. */
RL_SLOW u8* rl_stage(u32 port, u64 correlation, u32 priority) {
  RlBlock& s = rl_block();
  if (s.staged == s.shape.outBatch) { rl_together(RL_SPILL); s.staged = 0; }
  const u32 j = s.staged++;
  s.stagedPort[j] = (u8)port;
  s.stagedRank[j] = rl_out(port).placed++;
  if (rl_out(port).edges.count) rl_out(port).room--;
  u8* slot = s.outSlots + j * s.shape.outStride;
  s.outputNs = rl_host_clock();
  s.clock = s.outputNs > s.clock ? s.outputNs : s.clock + 1;
  *(RlEnvelope*)slot = RlEnvelope{ ++s.sequence, s.actor.origin, correlation, (u8)priority, rl_cause_low(s.hand), rl_cause_high(s.hand), 0, s.clock };
  return slot + RL_ENVELOPE;
}

/** After the payload is written. In a loop the output leaves when its time has come; what a handler stages leaves with its message. */
RL_FN void rl_sent() { if (!rl_block().isHandler) rl_keep_up(); }

/** Is the ring kernel to stop? */
RL_SLOW bool rl_look_for_stop() {
  RlBlock& s = rl_block();
  rl_publish(false);
  rl_look();
  return s.command == RL_STOP;
}

/** A loop's fuel is used up: looks for a stop. `fuel` is filled again. */
RL_FN bool rl_stopped(u32& fuel) {
  fuel = RL_FUEL;
  return rl_look_for_stop();
}

/** Nothing left to take, on any edge? */
RL_SLOW bool rl_is_drained() {
  RlBlock& s = rl_block();
  if (s.taken < s.fetched) return false;
  rl_look();
#pragma unroll 1
  for (u32 k = 0; k < s.actor.inputCount; k++) {
    const RlEdge& edge = s.actor.inputs[k];
    const u32 head = k == s.edge ? s.base + s.taken : edge.record ? rl_load(edge, RL_HEAD) : s.hostIn;
    if ((edge.record ? rl_load(edge, RL_TAIL) : s.inTail) != head) return false;
  }
  return true;
}

RL_FN bool rl_should_terminate() {
  RlBlock& s = rl_block();
  return s.command == RL_STOP || (s.command == RL_DRAIN && rl_is_drained());
}
