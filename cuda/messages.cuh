// parallel: 'messages': every message of a batch at once, one thread each. After parallel.cuh.
//
// Each thread stages what its message leads to in slots of its own; then a prefix sum over the messages gives every output its place, so that outputs
// leave in the order of their messages. A message that faults keeps what it led to before, is counted in `errors` and goes to the log ring as a
// dead letter; the others go on.

/** One message of the batch, as its thread sees it. */
template <class B> struct RlMessage {
  const u8* hand;
  u32 number;              // in the batch
  u32 count[B::ports];     // outputs so far
  u64 outputNs;
  u32 faultSite;           // site + 1
  f64 faultValue;
};

/** What this form adds to the block. `Each` is the most outputs that one message leads to, of all ports together. */
template <class B, u32 Each> struct RlMessages {
  static constexpr u32 each = Each;
  u32 own[B::ports][B::inBatch];        // outputs of each message
  u32 sums[2][B::ports][B::inBatch];    // and of it and those before it: a scan from one half to the other
  u16 bucket[B::inBatch];
  u32 max[B::ports], first[B::ports];   // a port's slots among those of one message
  u32 faulted, half;
  u64 latencyNsMax;
};

/** Stages one output: its payload, to be written by the caller. */
template <class B, class M> RL_FN u8* rl_place(B& s, const M& batch, RlMessage<B>& m, u32 port, u64 correlation, u32 priority) {
  const u32 mine = m.number * M::each + batch.first[port] + m.count[port]++;
  u8* slot = s.out() + mine * B::outStride;
  m.outputNs = rl_host_clock(s);
  *(RlEnvelope*)slot = RlEnvelope{ s.sequence + mine + 1, s.actor.origin, correlation, (u8)priority, 0, 0, 0, m.outputNs };
  return slot + RL_ENVELOPE;
}

template <class B> RL_SLOW void rl_dead_letter(B& s, const RlMessage<B>& m) {
  RlRecord* record = rl_record(s, RL_DEAD_LETTER, m.faultSite - 1, s.base + m.number);
  if (record == 0) return;
  record->values[0] = rl_bits_of(m.faultValue);
  RlQuad* to = (RlQuad*)(record + 1);
#pragma unroll 1
  for (u32 k = 0; k < B::inStride / 16; k++) to[k] = ((const RlQuad*)m.hand)[k];
}

RL_FN u32 rl_bucket_of(u64 ns) {
  if (ns < 16) return (u32)ns;
  const u32 octave = 59 - rl_leading_zeros(ns), bucket = (octave + 1) * 16 + (u32)((ns >> octave) & 15);
  return bucket < RL_BUCKETS ? bucket : RL_BUCKETS - 1;
}

/** Every thread: the messages of the batch, their places, and their outputs to the rings. */
template <class B, class M, void (*body)(B&, M&, RlMessage<B>&)> RL_SLOW void rl_all_messages(B& s, M& batch) {
  const u32 n = s.fetched;
#pragma unroll 1
  for (u32 t = RL_TID; t < n; t += RL_THREADS) {
    RlMessage<B> m;
    m.hand = s.in() + t * B::inStride;
    m.number = t;
    m.outputNs = 0;
    m.faultSite = 0;
    m.faultValue = 0;
#pragma unroll
    for (u32 p = 0; p < B::ports; p++) m.count[p] = 0;
    body(s, batch, m);
#pragma unroll
    for (u32 p = 0; p < B::ports; p++) batch.own[p][t] = batch.sums[0][p][t] = m.count[p];
    const u64 done = m.outputNs ? m.outputNs : rl_host_clock(s), sent = ((const RlEnvelope*)m.hand)->sentAtNs, ns = done > sent ? done - sent : 0;
    batch.bucket[t] = 0xffff;
    if (m.faultSite) { atomicAdd(&batch.faulted, 1u); rl_dead_letter(s, m); continue; }
    batch.bucket[t] = (u16)rl_bucket_of(ns);
    atomicAdd(&s.histogram[batch.bucket[t]], 1u);
    atomicMax(&batch.latencyNsMax, ns);
  }
  u32 half = 0;
#pragma unroll 1
  for (u32 distance = 1; distance < n; distance <<= 1, half ^= 1) {
    rl_barrier();
#pragma unroll 1
    for (u32 t = RL_TID; t < n; t += RL_THREADS)
      for (u32 p = 0; p < B::ports; p++) batch.sums[half ^ 1][p][t] = batch.sums[half][p][t] + (t >= distance ? batch.sums[half][p][t - distance] : 0);
  }
  rl_barrier();
  if (RL_TID == 0) batch.half = half;
  const u32 quads = B::outStride / 16;
#pragma unroll 1
  for (u32 x = RL_TID; x < n * M::each * quads; x += RL_THREADS) {
    const u32 unit = x % quads, j = x / quads, t = j / (M::each ? M::each : 1), k = j - t * M::each;
    u32 port = 0;
    while (port + 1 < B::ports && k >= batch.first[port + 1]) port++;
    const u32 at = k - batch.first[port];
    if (at >= batch.own[port][t] || unit * 16 >= s.stride[port]) continue;
    const u32 rank = batch.sums[half][port][t] - batch.own[port][t] + at;
#pragma unroll 1
    for (u32 e = 0; e < s.sinks[port].count; e++) {
      const RlEdge& to = e == 0 ? s.sink[port] : s.actor.outputs[s.sinks[port].first + e];
      const u32 tail = to.record ? rl_load(to, RL_TAIL) : s.hostOut;
      ((RlQuad*)(to.slots + (u64)((tail + rank) & to.mask) * s.stride[port]))[unit] = ((const RlQuad*)s.out())[x];
    }
  }
#pragma unroll 1
  for (u32 t = RL_TID; t < n; t += RL_THREADS) if (batch.bucket[t] != 0xffff) rl_store_sys(s.control(RL_HISTOGRAM + batch.bucket[t]), s.histogram[batch.bucket[t]]);
}

/** The leader of a ring kernel of this form. `Max` are the most outputs of one message at each port. */
template <class B, class M, void (*body)(B&, M&, RlMessage<B>&), u32... Max> RL_FN void rl_lead_messages(B& s, M& batch) {
  const u32 max[sizeof...(Max) + 1] = { Max..., 0 };
  u32 first = 0;
  for (u32 p = 0; p < B::ports; p++) { batch.max[p] = max[p]; batch.first[p] = first; first += max[p]; }
  batch.latencyNsMax = 0;
#pragma unroll 1
  for (;;) {
    u32 most = B::inBatch;
    for (u32 p = 0; p < B::ports; p++) {
      if (batch.max[p] == 0) continue;
      if ((s.room[p] < most * batch.max[p] || !rl_may_run(s)) && !rl_wait_for_room(s, p, batch.max[p])) { rl_leave(s, 0); return; }
      if (s.room[p] / batch.max[p] < most) most = s.room[p] / batch.max[p];
    }
    if (rl_fetch(s, true, most) != RL_GOT) { rl_leave(s, 0); return; }
    batch.faulted = 0;
    s.op = RL_FIRST;
    rl_barrier();
    rl_all_messages<B, M, body>(s, batch);
    rl_barrier();
    for (u32 p = 0; p < B::ports; p++) {
      const u32 total = batch.sums[batch.half][p][s.fetched - 1];
      s.placed[p] += total;
      if (s.sinks[p].count) s.room[p] -= total;
    }
    s.taken = s.fetched;
    s.processed += s.fetched - batch.faulted;
    s.errors += batch.faulted;
    s.sequence += s.fetched * M::each;
    if ((f64)batch.latencyNsMax > s.latencyNsMax) s.latencyNsMax = (f64)batch.latencyNsMax;
    if (s.abort) rl_look(s);
  }
}
