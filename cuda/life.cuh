// How a launch of a ring kernel begins and how it ends: resumed, parked, stopped, returned or failed; and its log. After actor.cuh.

/** Lays out what is behind the block. */
RL_INNER void rl_lay_out(RlBlock& s) {
  const RlShape& shape = s.shape;
  u32 at = RL_BLOCK_BYTES + shape.ports * (u32)sizeof(RlOut);
  s.captureAt = at;
  at += shape.capture;
  s.batchAt = at;
  if (shape.flags & RL_MESSAGES) at += ((shape.ports * 12 + 2) * shape.inBatch + 15) / 16 * 16;
  const u32 inBytes = shape.inStride * shape.inBatch;
  const bool inScratch = shape.flags & RL_IN_SCRATCH, outScratch = shape.flags & RL_OUT_SCRATCH;
  s.inSlots = inScratch ? s.actor.scratch : (u8*)&s + at;
  s.outSlots = outScratch ? s.actor.scratch + (inScratch ? inBytes : 0) : (u8*)&s + at + (inScratch ? 0 : inBytes);
}

/** Fills the block's shared memory; every thread calls it, the leader after it described the kernel. */
RL_SLOW void rl_begin(const u8* controlBlock) {
  const u32* control = (const u32*)controlBlock;
  RlBlock& s = rl_block();
  if (RL_TID == 0) {
    const RlActor& actor = s.actor;
    rl_lay_out(s);
    s.op = s.count = s.abort = s.faultSite = 0;
    s.faultOrder = 0xffffffffu;
    s.nothing[0] = s.nothing[1] = RlQuad{ 0, 0, 0, 0 };
    s.hand = (const u8*)s.nothing;
    s.source = actor.inputs[0];
    s.edge = s.taken = s.fetched = s.holds = s.staged = 0;
    s.hostIn = control[RL_IN_HEAD];
    s.hostOut = control[RL_OUT_TAIL];
    s.heartbeat = control[RL_HEARTBEAT];
    s.base = s.released = s.hostIn;
    s.isHandler = s.shape.flags & RL_HANDLER;
    s.hasSystemSink = s.each = 0;
#pragma unroll 1
    for (u32 p = 0; p < s.shape.ports; p++) {
      rl_out(p).placed = rl_out(p).mark = rl_out(p).room = 0;
      rl_out(p).edges = actor.ports[p];
      rl_out(p).first = s.each;
      s.each += rl_out(p).max;
      if (rl_out(p).edges.count == 0) { rl_out(p).room = 0x7fffffffu; continue; }
      rl_out(p).edge = actor.outputs[rl_out(p).edges.first];
      for (u32 e = 0; e < rl_out(p).edges.count; e++) if (actor.outputs[rl_out(p).edges.first + e].scope == RL_SYSTEM) s.hasSystemSink = 1;
    }
    const f64* counters = (const f64*)(control + RL_PROCESSED);
    s.processed = counters[0]; s.sent = counters[1]; s.dropped = counters[2]; s.errors = counters[3]; s.latencyNsMax = counters[4];
    s.postedDropped = s.dropped + s.errors;
    s.sequence = (u32)(u64)s.sent;
    s.expired = s.postedExpired = (u64)counters[6]; s.clock = (u64)counters[7]; s.skewed = (u64)counters[8]; s.lettersLost = (u64)counters[9];
    s.postedOdd = s.skewed + s.lettersLost;
    s.beatNs = 0;
    s.letters = actor.log ? *(const RlLetters*)(actor.log + 128) : RlLetters{};
    s.letterTail = s.letterPosted = actor.log ? rl_load_sys(actor.log + 4) : 0;
    s.letterHead = s.letters.head;
    s.hasMet = 0;
    s.outDepthMax = control[RL_OUT_DEPTH_MAX];
    s.waitsFor = RL_WAITS_FOR_NOTHING;
    s.logDropped = control[RL_LOG_DROPPED];
    s.logTail = s.logPosted = actor.log ? rl_load_sys(actor.log) : 0;
    s.logHead = actor.log ? rl_load_sys(actor.log + 128) : 0;
    s.outputNs = s.batchLatencyNsMax = 0;
    s.publishedNs = s.hostNs = rl_clock();
    rl_store_sys(s.control(RL_WAITS_FOR), 0);
    rl_store_sys(s.control(RL_WAITS_EDGE), 0);
    rl_store_sys(s.control(RL_OUTCOME), 0);
    rl_store_sys(s.control(RL_ENDED_BY), 0);
    rl_look();
    // Room that was reserved before a park is there still, and the body goes on behind its reservation.
    for (u32 p = 0; p < s.shape.ports; p++) if (rl_out(p).edges.count) rl_out(p).room = rl_measure_room(p);
    rl_post_host();
  }
#pragma unroll 1
  for (u32 t = RL_TID; t < RL_BUCKETS; t += RL_THREADS) s.histogram[t] = control[RL_HISTOGRAM + t];
  rl_barrier();
}

/** Takes up the message that a parked body held; the leader calls it once, when the other threads wait for operations. */
RL_SLOW void rl_resume(u32 hand) {
  RlBlock& s = rl_block();
  if (hand == 0) return;
  if (rl_select(hand - 1) == 0) return;
  s.fetched = 1;
  rl_together(RL_FETCH);
  if (s.letters.stateBytes + s.letters.frameBytes) s.hasMet = ((const RlMet*)s.letters.met)->isKnown;
  rl_hold();
}

/** Posts everything, and how it ended. */
RL_INNER_SLOW void rl_end(u32 outcome, u32 endedBy) {
  RlBlock& s = rl_block();
  rl_publish(true);
  rl_store_sys(s.control(RL_ENDED_BY), endedBy);
  rl_store_sys(s.control(RL_OUTCOME), outcome);
  rl_fence_sys();
}

/** Where a frame goes on that is never gone on with. */
#define RL_PC_ENDED 0xffffffffu

/** The body unwinds from a suspension point, or from a loop that was stopped: writes the frame's head. */
RL_SLOW void rl_leave(u32 pc) {
  RlBlock& s = rl_block();
  const bool stops = s.command == RL_STOP;
  RlFrameHead* head = (RlFrameHead*)s.actor.frame;
  head->pc = stops ? RL_PC_ENDED : pc;
  head->hand = s.holds && !stops ? s.edge + 1 : 0;
  rl_store_sys(s.control(RL_HOLDS), s.holds);
  rl_end(stops ? RL_DONE : RL_PARKED, 0);
}

/** The body came to its end. */
RL_SLOW void rl_return() {
  RlBlock& s = rl_block();
  rl_finish();
  *(RlFrameHead*)s.actor.frame = RlFrameHead{ RL_PC_ENDED, 0 };
  rl_look();
  rl_end(RL_DONE, s.command == RL_RUN || s.command == RL_PARK);
}

/** Notes what went wrong; the body then goes to rl_fail. */
RL_SLOW void rl_fault(u32 site, f64 value) {
  RlBlock& s = rl_block();
  s.faultSite = site + 1;
  s.faultValue = value;
}

/** The body failed on the message in hand: it becomes a dead letter and is released, never tried again, and of a handler what it led to is forgotten. */
RL_SLOW void rl_fail() {
  RlBlock& s = rl_block();
  const u32 index = s.base + s.taken - s.holds;
  if (s.holds && s.isHandler) for (u32 p = 0; p < s.shape.ports; p++) rl_out(p).placed = rl_out(p).mark;
  if (s.holds) rl_letter(RL_LAST, s.hand, index, s.faultSite - 1, s.faultValue);
  s.holds = 0;
  s.errors += 1;
  *(RlFrameHead*)s.actor.frame = RlFrameHead{ RL_PC_ENDED, 0 };
  rl_store_sys(s.control(RL_WAITS_EDGE), s.source.number);
  rl_store_sys(s.control(RL_FAULT_INDEX), index);
  const u64 value = rl_bits_of(s.faultValue);
  rl_store_sys(s.control(RL_FAULT_VALUE), (u32)value);
  rl_store_sys(s.control(RL_FAULT_VALUE + 1), (u32)(value >> 32));
  rl_store_sys(s.control(RL_FAULT_SITE), s.faultSite);
  rl_end(RL_FAILED, 0);
}

/** A free record of the log ring, or null when there is none: then the line is counted as dropped. Any thread may call it. */
RL_INNER_SLOW RlRecord* rl_record(u32 site, u32 index) {
  RlBlock& s = rl_block();
  if (s.actor.log == 0) return 0;
  u32 tail = s.logTail;
#pragma unroll 1
  for (;;) {
    if (tail - s.logHead > s.actor.logMask) {
      s.logHead = rl_load_sys(s.actor.log + 128);
      if (tail - s.logHead > s.actor.logMask) { atomicAdd(&s.logDropped, 1u); return 0; }
      // The host read these records before it moved its head.
      rl_fence_sys();
    }
    const u32 seen = atomicCAS(&s.logTail, tail, tail + 1);
    if (seen == tail) break;
    tail = seen;
  }
  RlRecord* record = (RlRecord*)(s.actor.log + 256 + (u64)(tail & s.actor.logMask) * s.shape.logStride);
  record->reserved = 0;
  record->site = site;
  record->index = index;
  record->edge = s.source.number;
  return record;
}

/** Where the values of a log line go, or null. */
RL_SLOW u64* rl_log(u32 site) {
  RlBlock& s = rl_block();
  RlRecord* record = rl_record(site, s.base + s.taken - s.holds);
  return record ? record->values : 0;
}
