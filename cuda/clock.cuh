// How far this device's globaltimer is from the host's monotonic clock. After ring.cuh; launched as one thread before ring kernels are.
//
// `line` is 256 bytes of pinned host memory: word 0 is the host's, word 32 and the u64 at word 34 the device's. The host stores n = 1 … rounds in word 0 and
// waits for the same n in word 32: the device's clock at word 34 was read between the two, so the offset is known to half of the quickest round.
extern "C" __global__ void ringlab_clock(unsigned int* line, unsigned int rounds) {
  for (u32 n = 1; n <= rounds; n++) {
    const u64 began = rl_clock();
    while (rl_load_sys(line) != n) if (rl_clock() - began > 1000000000ull) return;   // the host went away
    const u64 now = rl_clock();
    rl_store_sys(line + 34, (u32)now);
    rl_store_sys(line + 35, (u32)(now >> 32));
    rl_fence_sys();
    rl_store_sys(line + 32, n);
  }
}
