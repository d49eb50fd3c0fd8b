// The floor under every figure: hand-written kernels that answer, wait or end, through the driver alone. Nothing of ringlab's rings or emitters takes part,
// so that what ringlab adds shows.
import { openCuda, type CudaDriver, type Handle } from '#ringlab/driver/index.js'
import { nvrtcHere } from './nvrtc-here.js'

/** Each kernel has lines of its own: words of the host, words of the kernel, and a slot of 64 bytes in each direction. */
export const LINES_BYTES = 4096
/** Kernels that can be resident at once. */
export const KERNELS_MAX = 160
const word = { tail: 0, stop: 2, head: 32, slotIn: 256, slotOut: 512 } as const
const PAGE_BYTES = 4096

const source = `
typedef unsigned int u32;
struct alignas(16) Quad { u32 x, y, z, w; };
#ifdef RL_SIM
static Quad poll(const u32* p) { Quad q = { __atomic_load_n(p, __ATOMIC_RELAXED), 0, __atomic_load_n(p + 2, __ATOMIC_RELAXED), 0 }; return q; }
static void fence() { __atomic_thread_fence(__ATOMIC_ACQ_REL); }
static void publish(u32* p, u32 v) { __atomic_store_n(p, v, __ATOMIC_RELAXED); }
static void pause_() { rl_sim_nanosleep(20); }
#else
__device__ __forceinline__ Quad poll(const u32* p) { Quad q; asm volatile("ld.relaxed.sys.global.v4.u32 {%0,%1,%2,%3},[%4];" : "=r"(q.x),"=r"(q.y),"=r"(q.z),"=r"(q.w) : "l"(p) : "memory"); return q; }
__device__ __forceinline__ void fence() { asm volatile("fence.acq_rel.sys;" ::: "memory"); }
__device__ __forceinline__ void publish(u32* p, u32 v) { asm volatile("st.relaxed.sys.global.u32 [%0],%1;" :: "l"(p), "r"(v) : "memory"); }
__device__ __forceinline__ void pause_() { }
#endif
extern "C" __global__ void pingpong(u32* line) {
  if (threadIdx.x != 0) return;
  u32 head = 0;
  for (;;) {
    Quad q = poll(line);
    if (q.z) break;
    if (q.x == head) { pause_(); continue; }
    fence();
    const Quad* in = (const Quad*)(line + ${word.slotIn});
    Quad* out = (Quad*)(line + ${word.slotOut});
    for (int i = 0; i < 4; i++) { Quad v = in[i]; v.x += 1; out[i] = v; }
    fence();
    publish(line + ${word.head}, ++head);
  }
}
extern "C" __global__ void empty(u32* line) { if (threadIdx.x == 0 && line == 0) line[0] = 1; }
extern "C" __global__ void endless(u32* line) {
  if (threadIdx.x != 0) return;
  publish(line + ${word.head}, 1);
  for (;;) { Quad q = poll(line); if (q.z) break; pause_(); }
}
// More local memory than any kernel before it: the driver has to make room for it.
extern "C" __global__ void deep(u32* line) {
  volatile u32 many[1024];
  u32 at = line[${word.slotIn}];
  for (u32 i = 0; i < 1024; i++) many[(at + i) & 1023] = i;
  if (many[at & 1023] == 0xffffffffu) publish(line + ${word.slotOut}, 1);
}
`

export type BareKernel = 'pingpong' | 'empty' | 'endless' | 'deep'

/** A context with the bare kernels loaded, and lines in pinned and mapped memory. */
export class Bare {
  readonly cuda: CudaDriver = openCuda()
  readonly #lines = alignedWords(KERNELS_MAX * LINES_BYTES)
  readonly #device: bigint
  readonly #image: Uint8Array
  readonly #module: Handle
  readonly #parameters = new Uint8Array(8)

  constructor() {
    const { cuda } = this
    const facts = cuda.deviceFacts(0)
    cuda.contextSetCurrent(cuda.primaryContextRetain(0))
    const { major, minor } = facts.computeCapability
    const compiled = nvrtcHere(cuda).compile({ source, name: 'bare.cu', architecture: `sm_${major * 10 + minor}` })
    if (compiled.cubin === undefined) throw new Error('NVRTC gave no CUBIN')
    this.#image = compiled.cubin
    this.#module = this.load()
    const host = cuda.addressOf(this.#lines)
    cuda.hostRegister(host, this.#lines.byteLength)
    this.#device = cuda.hostDeviceAddress(host)
  }

  /** The same kernels once more. */
  load(): Handle { return this.cuda.moduleLoad(this.#image) }

  launch(name: BareKernel, stream: Handle, which = 0): void {
    new DataView(this.#parameters.buffer).setBigUint64(0, this.#device + BigInt(which * LINES_BYTES), true)
    this.cuda.launch({ function: this.cuda.moduleFunction(this.#module, name), grid: [1, 1, 1], block: [32, 1, 1], sharedBytes: 0, stream, parameterBytes: this.#parameters, parameterSizes: [8] })
  }

  /** Launches an endless kernel, and waits until it says that it runs. False when it does not within 5 s. */
  reside(stream: Handle, which = 0, timeoutMs = 5000): boolean {
    const words = this.words(which)
    Atomics.store(words, word.stop, 0)
    Atomics.store(words, word.head, 0)
    this.launch('endless', stream, which)
    const until = performance.now() + timeoutMs
    while (Atomics.load(words, word.head) !== 1) if (performance.now() > until) return false
    return true
  }

  /** A message there and back. @throws when the kernel does not answer within 5 s. */
  pingpong(message: number, value: number): number {
    const words = this.words(0)
    for (let i = 0; i < 16; i++) words[word.slotIn + i] = value
    Atomics.store(words, word.tail, message)
    const until = performance.now() + 5000
    for (let spins = 0; Atomics.load(words, word.head) !== message; spins++) if ((spins & 0xffff) === 0xffff && performance.now() > until) throw new Error('the bare kernel did not answer within 5 s')
    return words[word.slotOut] as number
  }

  /** Tells a resident kernel to end, and waits for it. */
  stop(stream: Handle, which = 0): void {
    const words = this.words(which)
    Atomics.store(words, word.stop, 1)
    drained(this.cuda, stream)
    for (const index of [word.stop, word.tail, word.head]) Atomics.store(words, index, 0)
  }

  words(which: number): Int32Array { return this.#lines.subarray(which * LINES_BYTES / 4, (which + 1) * LINES_BYTES / 4) }

  close(): void {
    this.cuda.moduleUnload(this.#module)
    this.cuda.hostUnregister(this.cuda.addressOf(this.#lines))
    this.cuda.primaryContextRelease(0)
  }
}

/** Shared memory that begins at a page, as ringlab's arenas do: what is pinned is whole pages. */
export function alignedWords(bytes: number): Int32Array {
  const memory = new SharedArrayBuffer(bytes + PAGE_BYTES)
  const from = openCuda().addressOf(new Int32Array(memory))
  return new Int32Array(memory, Number((BigInt(PAGE_BYTES) - from % BigInt(PAGE_BYTES)) % BigInt(PAGE_BYTES)), bytes / 4)
}

/** Waits until a stream is done, by asking. @throws after 10 s */
export function drained(cuda: CudaDriver, stream: Handle): void {
  const until = performance.now() + 10_000
  while (!cuda.streamIsDone(stream)) if (performance.now() > until) throw new Error('the stream was not done within 10 s')
}
