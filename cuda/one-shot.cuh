// One-shot kernels: body(args, i) for i = 0 … count - 1, over a whole grid. After ring.cuh; nothing of actors is needed.

/** The fault of the lowest i wins, whichever thread comes first. */
RL_SLOW void rl_first_fault(RlFirstFault* first, u32 i, u32 site, f64 value) {
  if (i >= *(volatile u32*)&first->index) return;
#pragma unroll 1
  for (bool done = false; !done;) {
    if (atomicCAS(&first->lock, 0u, 1u) != 0) { rl_nap(64); continue; }
    rl_fence_gpu();
    if (i < *(volatile u32*)&first->index) {
      first->site = site;
      first->value = value;
      *(volatile u32*)&first->index = i;
    }
    rl_fence_gpu();
    atomicExch(&first->lock, 0u);
    done = true;
  }
}

/** Where the values of a log line go, or null once the log is full. The log lies in device memory: an atomic counts its tail. */
template <u32 Stride> RL_SLOW u64* rl_log_shot(u8* log, u32 mask, u32 site, u32 i) {
  if (log == 0) return 0;
  const u32 at = atomicAdd((u32*)log, 1u);
  if (at > mask) return 0;
  RlRecord* record = (RlRecord*)(log + 256 + (u64)at * Stride);
  record->reserved = 0;
  record->site = site;
  record->index = i;
  record->edge = 0;
  return record->values;
}

/** A loop's fuel is used up: has the host given up waiting? */
RL_FN bool rl_shot_stopped(const u32* stop, u32& fuel) {
  fuel = 4096;
  return rl_load_sys(stop) != 0;
}
