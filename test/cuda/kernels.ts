// Ring kernels written in CUDA C++ by hand, as small as the ABI allows: what the device does with them does not depend on the compiler.

/** The loop around one message for a kernel of one thread: `STEP` reads `in` (the slot) and writes `out`; both slots begin with their envelope. */
const loop = `
static __device__ void say(u8* control, u32 word, u32 value) { rl_store_sys(control + 4 * word, value); }
static __device__ u32 said(u8* control, u32 word) { return rl_load_sys(control + 4 * word); }
extern "C" __global__ void NAME(RlActor a) {
  if (RL_TID != 0) return;
  // One ring in, the newest connection's or else the host's; one ring out, likewise.
  RlEdge in = a.inputs[a.inputCount - 1], out = a.outputs[a.ports[0].first];
  u8* inHeadAt = in.record ? in.record + 128 : a.control + 4 * RL_IN_HEAD;
  u8* outTailAt = out.record ? out.record : a.control + 4 * RL_OUT_TAIL;
  u32 inHead = rl_load_sys(inHeadAt), outTail = rl_load_sys(outTailAt), outcome = RL_PARKED;
  say(a.control, RL_STATE, RL_RUNNING);
  say(a.control, RL_WAITS_FOR, RL_WAITS_FOR_INPUT);
  START
  for (;;) {
    RlQuad line = rl_poll(a.control);
    u32 inTail = in.record ? rl_load_sys(in.record) : line.x, outHead = out.record ? rl_load_sys(out.record + 128) : line.y;
    if (line.z == RL_STOP || line.w == RL_EPOCH_STOP) { outcome = RL_DONE; break; }
    if (line.z == RL_PARK || line.w != a.epoch) break;
    if (line.z == RL_DRAIN && inTail == inHead) { outcome = RL_DONE; break; }
    if (inTail == inHead || outTail - outHead > out.mask) { rl_nap(1000); continue; }
    rl_fence_sys();
    const u8* from = in.slots + (u64)(inHead & in.mask) * IN_STRIDE;
    u8* to = out.slots + (u64)(outTail & out.mask) * OUT_STRIDE;
    const RlEnvelope* envelope = (const RlEnvelope*)from;
    RlEnvelope reply = { outTail, a.origin, envelope->correlation, 128, 0, 0, 0, rl_clock() + a.clockOffsetNs };
    *(RlEnvelope*)to = reply;
    STEP
    rl_fence_sys();
    rl_store_sys(outTailAt, ++outTail);
    rl_store_sys(inHeadAt, ++inHead);
    *(double*)(a.control + 4 * RL_PROCESSED) += 1;
  }
  END
  rl_fence_sys();
  say(a.control, RL_WAITS_FOR, RL_WAITS_FOR_NOTHING);
  say(a.control, RL_OUTCOME, outcome);
}
`

export interface HandWritten { readonly name: string; readonly step: string; readonly start?: string; readonly end?: string; readonly inStride: number; readonly outStride: number; readonly before?: string }

/** CUDA C++ of a ring kernel that answers each message with one output. */
export function handWritten({ name, step, start = '', end = '', inStride, outStride, before = '' }: HandWritten): string {
  const text = `${before}${loop}`.replace('NAME', name).replace('START', start).replace('STEP', step).replace('END', end)
  return text.replaceAll('IN_STRIDE', String(inStride)).replaceAll('OUT_STRIDE', String(outStride))
}
