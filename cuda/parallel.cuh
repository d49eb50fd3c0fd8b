// each and reduce: bodies that all threads of the block run, with i as their own index. After life.cuh.
//
// A body that faults remembers it and ends its own loop; the fault that a sequential run would have met first becomes the actor's. A stop from the
// host, seen by any thread, ends them all; every thread still reaches the barriers.

/** The first fault of one thread. `order` is where a sequential run would meet what it is doing: the lowest of the block is the actor's. */
struct RlFault { u32 order, met, site; f64 value; };

RL_FN void rl_note_fault(RlFault& fault, u32 site, f64 value) {
  if (fault.met != 0xffffffffu) return;
  fault.met = fault.order;
  fault.site = site;
  fault.value = value;
}

/** Every thread: the lowest fault of the block becomes the actor's. */
RL_FN void rl_settle(const RlFault& fault) {
  RlBlock& s = rl_block();
  if (fault.met != 0xffffffffu) atomicMin(&s.faultOrder, fault.met);
  rl_barrier();
  if (fault.met != 0xffffffffu && fault.met == s.faultOrder) { s.faultSite = fault.site + 1; s.faultValue = fault.value; }
}

/** Inside a parallel body: has the host said stop? */
RL_SLOW bool rl_look_for_abort() {
  RlBlock& s = rl_block();
  const RlQuad q = rl_poll(s.actor.control);
  rl_beat(rl_clock());
  if (q.z == RL_STOP || q.w == RL_EPOCH_STOP) s.abort = 1;
  return s.abort != 0;
}

/** A loop's fuel is used up inside a parallel body. */
RL_FN bool rl_aborted(u32& fuel) {
  fuel = RL_FUEL;
  return rl_look_for_abort();
}

/** Runs body(i) for i = 0 … count - 1. `Use` is what it reads of the leader's variables. */
template <class Use, void (*body)(const Use&, u32, RlFault&)> RL_FN void rl_each() {
  RlBlock& s = rl_block();
  const Use use = rl_capture<Use>();
  const u32 count = s.count;
  RlFault fault = { 0, 0xffffffffu, 0, 0.0 };
#pragma unroll 1
  for (u32 i = RL_TID; i < count && fault.met == 0xffffffffu && !s.abort; i += RL_THREADS) {
    fault.order = i;
    body(use, i, fault);
  }
  rl_settle(fault);
}

/**
 * Lane l folds the values of i = l, l + 256, … in order; then halves fold onto halves. The order is that of the language, whatever the launch: every
 * device gets the same bits. The result is s.lanes[0].
 */
template <class Use, f64 (*value)(const Use&, u32, RlFault&), f64 (*combine)(const Use&, f64, f64, RlFault&)> RL_FN void rl_reduce() {
  RlBlock& s = rl_block();
  const Use use = rl_capture<Use>();
  const u32 count = s.count, width = count < RL_LANES ? count : RL_LANES;
  RlFault fault = { 0, 0xffffffffu, 0, 0.0 };
#pragma unroll 1
  for (u32 lane = RL_TID; lane < width && !s.abort; lane += RL_THREADS) {
    // A sequential run goes lane by lane, then folds the halves.
    fault.order = lane;
    f64 folded = value(use, lane, fault);
#pragma unroll 1
    for (u32 i = lane + RL_LANES; i < count && i >= RL_LANES && !s.abort; i += RL_LANES) folded = combine(use, folded, value(use, i, fault), fault);
    s.lanes[lane] = folded;
  }
#pragma unroll 1
  for (u32 distance = RL_LANES / 2; distance; distance >>= 1) {
    rl_barrier();
#pragma unroll 1
    for (u32 lane = RL_TID; lane < distance && lane + distance < width; lane += RL_THREADS) {
      fault.order = RL_LANES * (2 * RL_LANES / distance) + lane;
      s.lanes[lane] = combine(use, s.lanes[lane], s.lanes[lane + distance], fault);
    }
  }
  rl_settle(fault);
}

/** The leader: the block is to run operation `op` over `count`. It runs its own part next, and then asks rl_done. */
RL_SLOW void rl_start(u32 op, u32 count) {
  RlBlock& s = rl_block();
  s.op = op;
  s.count = count;
  s.abort = 0;
  s.faultOrder = 0xffffffffu;
  rl_barrier();
}

/** Waits for the others; says whether the body may go on. */
RL_SLOW bool rl_done() {
  RlBlock& s = rl_block();
  rl_barrier();
  return s.faultSite == 0 && s.abort == 0;
}
