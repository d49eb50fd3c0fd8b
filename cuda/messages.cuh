// parallel: 'messages': every message of a batch at once, one thread each. After parallel.cuh.
//
// Each thread stages what its message leads to in slots of its own; then a prefix sum over the messages gives every output its place, so that outputs
// leave in the order of their messages. A message that faults keeps what it led to before, is counted in `errors` and becomes a dead
// letter; the others go on.

/** One message of the batch, as its thread sees it. */
struct RlMessage {
  const u8* hand;
  u32 number;              // in the batch
  u64 outputNs;
  u32 faultSite;           // site + 1
  f64 faultValue;
};

/** Of each port, outputs of each message. Behind them lie two such tables of sums of it and those before it: a scan goes from one to the other. */
RL_FN u32* rl_own(u32 port) { return (u32*)((u8*)&rl_block() + rl_block().batchAt) + port * rl_block().shape.inBatch; }
RL_INNER u32* rl_sums(u32 half, u32 port) { return rl_own((half + 1) * rl_block().shape.ports + port); }
/** The latency bucket of each message, 0xffff of one that faulted. */
RL_INNER u16* rl_batch_buckets() { return (u16*)rl_own(3 * rl_block().shape.ports); }

/** Stages one output: its payload, to be written by the caller. */
RL_FN u8* rl_place(RlMessage& m, u32 port, u64 correlation, u32 priority) {
  RlBlock& s = rl_block();
  const u32 mine = m.number * s.each + rl_out(port).first + rl_own(port)[m.number]++;
  u8* slot = s.outSlots + mine * s.shape.outStride;
  m.outputNs = rl_host_clock();
  *(RlEnvelope*)slot = RlEnvelope{ s.sequence + mine + 1, s.actor.origin, correlation, (u8)priority, rl_cause_low(m.hand), rl_cause_high(m.hand), 0, 0 };
  return slot + RL_ENVELOPE;
}

/** The clock of the batch goes on from this message, as rl_merge has it. */
RL_INNER void rl_merge_batch(u64 sentAtNs) {
  RlBlock& s = rl_block();
  if ((i64)(sentAtNs - s.batchTakenNs) > RL_SKEW_NS_MAX) atomicAdd(&s.batchSkewed, 1u);
  else atomicMax(&s.clock, sentAtNs);
}

/** A thread begins with this message: it has led to nothing yet. Gives its slot, or null when its time to live ended while it waited: then nobody is given it. */
RL_SLOW const u8* rl_open(u32 number) {
  RlBlock& s = rl_block();
  const u8* slot = s.inSlots + number * s.shape.inStride;
  const RlEnvelope& envelope = *(const RlEnvelope*)slot;
  for (u32 p = 0; p < s.shape.ports; p++) rl_own(p)[number] = 0;
  rl_merge_batch(envelope.sentAtNs);
  if (!rl_has_expired(envelope, s.batchTakenNs)) return slot;
  for (u32 p = 0; p < s.shape.ports; p++) rl_sums(0, p)[number] = 0;
  rl_batch_buckets()[number] = 0xffff;
  atomicAdd(&s.batchExpired, 1u);
  rl_letter(RL_TOO_LATE, slot, s.base + number, 0, 0.0);
  return 0;
}

/** A thread is done with its message. */
RL_SLOW void rl_close(u32 number, u64 outputNs, u32 faultSite, f64 faultValue) {
  RlBlock& s = rl_block();
  for (u32 p = 0; p < s.shape.ports; p++) rl_sums(0, p)[number] = rl_own(p)[number];
  const u64 done = outputNs ? outputNs : rl_host_clock(), sent = ((const RlEnvelope*)(s.inSlots + number * s.shape.inStride))->sentAtNs, ns = done > sent ? done - sent : 0;
  rl_batch_buckets()[number] = 0xffff;
  if (faultSite) { atomicAdd(&s.faulted, 1u); rl_letter(RL_GIVEN_UP, s.inSlots + number * s.shape.inStride, s.base + number, faultSite - 1, faultValue); return; }
  const u32 bucket = rl_bucket_of(ns);
  rl_batch_buckets()[number] = (u16)bucket;
  atomicAdd(&s.histogram[bucket], 1u);
  atomicMax(&s.batchLatencyNsMax, ns);
}

/** Every thread, after its messages: their outputs to the rings. */
RL_SLOW void rl_deliver() {
  RlBlock& s = rl_block();
  const u32 n = s.fetched, ports = s.shape.ports, each = s.each;
  u32 half = 0;
  rl_barrier();
  // The times of outputs follow their sequence numbers, and exceed those of all that the batch took.
  if (RL_TID == 0) {
    const u64 now = rl_host_clock();
    s.batchSentNs = now > s.clock ? now : s.clock + 1;
    if (each) s.clock = s.batchSentNs + n * each - 1;
  }
#pragma unroll 1
  for (u32 distance = 1; distance < n; distance <<= 1, half ^= 1) {
    rl_barrier();
#pragma unroll 1
    for (u32 t = RL_TID; t < n; t += RL_THREADS)
      for (u32 p = 0; p < ports; p++) rl_sums(half ^ 1, p)[t] = rl_sums(half, p)[t] + (t >= distance ? rl_sums(half, p)[t - distance] : 0);
  }
  rl_barrier();
  if (RL_TID == 0) s.half = half;
  const u32 quads = s.shape.outStride / 16, all = n * each * quads;
#pragma unroll 1
  for (u32 x = RL_TID; x < all; x += RL_THREADS) {
    const u32 unit = x % quads, j = x / quads, t = j / each, k = j - t * each;
    u32 port = 0;
    while (port + 1 < ports && k >= rl_out(port + 1).first) port++;
    const u32 at = k - rl_out(port).first;
    if (at >= rl_own(port)[t] || unit * 16 >= rl_out(port).stride) continue;
    const u32 rank = rl_sums(half, port)[t] - rl_own(port)[t] + at;
    RlQuad quad = ((const RlQuad*)s.outSlots)[x];
    if (unit == 1) { const u64 sent = s.batchSentNs + j; quad.z = (u32)sent; quad.w = (u32)(sent >> 32); }
#pragma unroll 1
    for (u32 e = 0; e < rl_out(port).edges.count; e++) {
      const RlEdge& to = e == 0 ? rl_out(port).edge : s.actor.outputs[rl_out(port).edges.first + e];
      const u32 tail = to.record ? rl_load(to, RL_TAIL) : s.hostOut;
      ((RlQuad*)(to.slots + (u64)((tail + rank) & to.mask) * rl_out(port).stride))[unit] = quad;
    }
  }
#pragma unroll 1
  for (u32 t = RL_TID; t < n; t += RL_THREADS) {
    const u32 bucket = rl_batch_buckets()[t];
    if (bucket != 0xffff) rl_store_sys(s.control(RL_HISTOGRAM + bucket), s.histogram[bucket]);
  }
}

/** Every thread: the messages of the batch, one after the other. */
template <void (*body)(RlMessage&)> RL_FN void rl_all_messages() {
  const u32 n = rl_block().fetched;
#pragma unroll 1
  for (u32 t = RL_TID; t < n; t += RL_THREADS) {
    RlMessage m = { rl_open(t), t, 0, 0, 0.0 };
    if (!m.hand) continue;
    body(m);
    rl_close(t, m.outputNs, m.faultSite, m.faultValue);
  }
  rl_deliver();
}

/** The leader: waits for a batch whose outputs have room, and has the block run it; it runs its own part next, and then calls rl_settle_batch. False: parked or stopped. */
RL_SLOW bool rl_next_batch() {
  RlBlock& s = rl_block();
  u32 most = s.shape.inBatch;
  for (u32 p = 0; p < s.shape.ports; p++) {
    RlOut& out = rl_out(p);
    if (out.max == 0) continue;
    if ((out.room < most * out.max || !rl_may_run()) && !rl_wait_for_room(p, out.max)) { rl_leave(0); return false; }
    if (out.room / out.max < most) most = out.room / out.max;
  }
  if (rl_fetch(true, most) != RL_GOT) { rl_leave(0); return false; }
  s.faulted = s.batchExpired = s.batchSkewed = 0;
  s.batchTakenNs = rl_host_clock();
  s.op = RL_FIRST;
  rl_barrier();
  return true;
}

RL_SLOW void rl_settle_batch() {
  RlBlock& s = rl_block();
  rl_barrier();
  for (u32 p = 0; p < s.shape.ports; p++) {
    const u32 total = rl_sums(s.half, p)[s.fetched - 1];
    rl_out(p).placed += total;
    if (rl_out(p).edges.count) rl_out(p).room -= total;
  }
  s.taken = s.fetched;
  s.processed += s.fetched - s.faulted - s.batchExpired;
  s.expired += s.batchExpired;
  s.skewed += s.batchSkewed;
  s.errors += s.faulted;
  s.sequence += s.fetched * s.each;
  if ((f64)s.batchLatencyNsMax > s.latencyNsMax) s.latencyNsMax = (f64)s.batchLatencyNsMax;
  if (s.abort) rl_look();
}
