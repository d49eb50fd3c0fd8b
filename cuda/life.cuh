// How a launch of a ring kernel begins and how it ends: resumed, parked, stopped, returned or failed; and its log. After actor.cuh.

/** Fills the block's shared memory; every thread calls it. `Strides` are those of the outputs' slots. */
template <class B, u32... Strides> RL_FN void rl_begin(B& s, const RlActor& actor, bool isHandler) {
  const u32 strides[sizeof...(Strides) + 1] = { Strides..., 0 };
  const u32* control = (const u32*)actor.control;
  if (RL_TID == 0) {
    s.actor = actor;
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
    s.isHandler = isHandler;
    s.hasSystemSink = 0;
#pragma unroll
    for (u32 p = 0; p < B::ports; p++) {
      s.placed[p] = s.mark[p] = s.room[p] = 0;
      s.stride[p] = strides[p];
      s.sinks[p] = p < sizeof...(Strides) ? actor.ports[p] : RlPort{ 0, 0 };
      if (s.sinks[p].count == 0) { s.room[p] = 0x7fffffffu; continue; }
      s.sink[p] = actor.outputs[s.sinks[p].first];
      for (u32 e = 0; e < s.sinks[p].count; e++) if (actor.outputs[s.sinks[p].first + e].scope == RL_SYSTEM) s.hasSystemSink = 1;
    }
    const f64* counters = (const f64*)(control + RL_PROCESSED);
    s.processed = counters[0]; s.sent = counters[1]; s.dropped = counters[2]; s.errors = counters[3]; s.latencyNsMax = counters[4];
    s.postedDropped = s.dropped + s.errors;
    s.sequence = (u32)(u64)s.sent;
    s.inDepthMax = control[RL_IN_DEPTH_MAX];
    s.outDepthMax = control[RL_OUT_DEPTH_MAX];
    s.waitsFor = RL_WAITS_FOR_NOTHING;
    s.logDropped = control[RL_LOG_DROPPED];
    s.logTail = s.logPosted = actor.log ? rl_load_sys(actor.log) : 0;
    s.logHead = actor.log ? rl_load_sys(actor.log + 128) : 0;
    s.outputNs = 0;
    s.publishedNs = s.hostNs = rl_clock();
    rl_store_sys(s.control(RL_WAITS_FOR), 0);
    rl_store_sys(s.control(RL_WAITS_EDGE), 0);
    rl_store_sys(s.control(RL_OUTCOME), 0);
    rl_store_sys(s.control(RL_ENDED_BY), 0);
    rl_look(s);
    // Room that was reserved before a park is there still, and the body goes on behind its reservation.
    u32 full = 0;
    for (u32 p = 0; p < B::ports; p++) if (s.sinks[p].count) s.room[p] = rl_measure_room(s, p, full);
    rl_post_host(s);
  }
#pragma unroll 1
  for (u32 t = RL_TID; t < RL_BUCKETS; t += RL_THREADS) s.histogram[t] = control[RL_HISTOGRAM + t];
  rl_barrier();
}

/** Takes up the message that a parked body held; the leader calls it once, when the other threads wait for operations. */
template <class B> RL_SLOW void rl_resume(B& s, u32 hand) {
  if (hand == 0) return;
  if (rl_select(s, hand - 1) == 0) return;
  s.fetched = 1;
  rl_together(s, RL_FETCH);
  rl_take(s);
}

/** Posts everything, and how it ended. */
template <class B> RL_SLOW void rl_end(B& s, u32 outcome, u32 endedBy) {
  rl_publish(s, true);
  rl_store_sys(s.control(RL_ENDED_BY), endedBy);
  rl_store_sys(s.control(RL_OUTCOME), outcome);
  rl_fence_sys();
}

/** Where a frame goes on that is never gone on with. */
#define RL_PC_ENDED 0xffffffffu

/** The body unwinds from a suspension point, or from a loop that was stopped: writes the frame's head. */
template <class B> RL_SLOW void rl_leave(B& s, u32 pc) {
  const bool stops = s.command == RL_STOP;
  RlFrameHead* head = (RlFrameHead*)s.actor.frame;
  head->pc = stops ? RL_PC_ENDED : pc;
  head->hand = s.holds && !stops ? s.edge + 1 : 0;
  rl_end(s, stops ? RL_DONE : RL_PARKED, 0);
}

/** The body came to its end. */
template <class B> RL_SLOW void rl_return(B& s) {
  rl_finish(s);
  *(RlFrameHead*)s.actor.frame = RlFrameHead{ RL_PC_ENDED, 0 };
  rl_look(s);
  rl_end(s, RL_DONE, s.command == RL_RUN || s.command == RL_PARK);
}

/** Notes what went wrong; the body then goes to rl_fail. */
template <class B> RL_SLOW void rl_fault(B& s, u32 site, f64 value) {
  s.faultSite = site + 1;
  s.faultValue = value;
}

/** The body failed on the message in hand: it is released, never tried again, and of a handler what it led to is forgotten. */
template <class B> RL_SLOW void rl_fail(B& s) {
  const u32 index = s.base + s.taken - s.holds;
  if (s.holds && s.isHandler) for (u32 p = 0; p < B::ports; p++) s.placed[p] = s.mark[p];
  s.holds = 0;
  s.errors += 1;
  *(RlFrameHead*)s.actor.frame = RlFrameHead{ RL_PC_ENDED, 0 };
  rl_store_sys(s.control(RL_WAITS_EDGE), s.source.number);
  rl_store_sys(s.control(RL_FAULT_INDEX), index);
  const u64 value = rl_bits_of(s.faultValue);
  rl_store_sys(s.control(RL_FAULT_VALUE), (u32)value);
  rl_store_sys(s.control(RL_FAULT_VALUE + 1), (u32)(value >> 32));
  rl_store_sys(s.control(RL_FAULT_SITE), s.faultSite);
  rl_end(s, RL_FAILED, 0);
}

/** A free record of the log ring, or null when there is none: then the line is counted as dropped. Any thread may call it. */
template <class B> RL_SLOW RlRecord* rl_record(B& s, u32 kind, u32 site, u32 index) {
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
  RlRecord* record = (RlRecord*)(s.actor.log + 256 + (u64)(tail & s.actor.logMask) * B::logStride);
  record->kind = kind;
  record->site = site;
  record->index = index;
  record->edge = s.source.number;
  return record;
}

/** Where the values of a log line go, or null. */
template <class B> RL_FN u64* rl_log(B& s, u32 site) {
  RlRecord* record = rl_record(s, RL_LINE, site, s.base + s.taken - s.holds);
  return record ? record->values : 0;
}
