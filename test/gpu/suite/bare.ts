// The floor under every figure: a hand-written ping-pong kernel, an empty kernel and a CUDA graph, through the driver alone. Nothing of ringlab's rings or
// emitters takes part, so that what ringlab adds shows.
import { openCuda, type CudaDriver, type Handle } from '#ringlab/driver/index.js'
import { nvrtcHere } from './nvrtc-here.js'

/** A slot of 64 bytes in each direction; the host's and the kernel's words lie in lines of their own. */
export const SLOTS_AT = 1024
const BYTES = 4096

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
// host: word 0 tail, word 2 stop. device: word 32 head. Slot in: byte 1024; slot out: byte 2048.
extern "C" __global__ void pingpong(u32* line) {
  if (threadIdx.x != 0) return;
  u32 head = 0;
  for (;;) {
    Quad q = poll(line);
    if (q.z) break;
    if (q.x == head) { pause_(); continue; }
    fence();
    const Quad* in = (const Quad*)((const char*)line + 1024);
    Quad* out = (Quad*)((char*)line + 2048);
    for (int i = 0; i < 4; i++) { Quad v = in[i]; v.x += 1; out[i] = v; }
    fence();
    publish(line + 32, ++head);
  }
}
extern "C" __global__ void empty(u32* line) { if (threadIdx.x == 0 && line == 0) line[0] = 1; }
extern "C" __global__ void endless(u32* line) { for (;;) { Quad q = poll(line); if (q.z) break; pause_(); } }
`

/** A context with the bare kernels loaded, and one page of mapped memory. */
export class Bare {
  readonly cuda: CudaDriver = openCuda()
  readonly page: Int32Array
  readonly #context: Handle
  readonly #memory = new SharedArrayBuffer(BYTES)
  readonly #module: Handle
  readonly #parameters = new Uint8Array(8)

  constructor() {
    const { cuda } = this
    const facts = cuda.deviceFacts(0)
    this.#context = cuda.primaryContextRetain(0)
    cuda.contextSetCurrent(this.#context)
    const nvrtc = nvrtcHere(cuda)
    const { major, minor } = facts.computeCapability
    const compiled = nvrtc.compile({ source, name: 'bare.cu', architecture: `sm_${major * 10 + minor}`, options: process.env.RINGLAB_CUDA_DRIVER === undefined ? [] : ['-DRL_SIM'] })
    if (compiled.cubin === undefined) throw new Error('NVRTC gave no CUBIN')
    this.#module = cuda.moduleLoad(compiled.cubin)
    this.page = new Int32Array(this.#memory)
    const host = cuda.addressOf(this.page)
    cuda.hostRegister(host, BYTES)
    new DataView(this.#parameters.buffer).setBigUint64(0, cuda.hostDeviceAddress(host), true)
  }

  launch(name: 'pingpong' | 'empty' | 'endless', stream: Handle): void {
    this.cuda.launch({ function: this.cuda.moduleFunction(this.#module, name), grid: [1, 1, 1], block: [32, 1, 1], sharedBytes: 0, stream, parameterBytes: this.#parameters, parameterSizes: [8] })
  }

  /** Tells a resident kernel to end, and waits for it. */
  stop(stream: Handle): void {
    Atomics.store(this.page, 2, 1)
    this.cuda.streamSynchronize(stream)
    Atomics.store(this.page, 2, 0)
  }

  close(): void {
    this.cuda.moduleUnload(this.#module)
    this.cuda.hostUnregister(this.cuda.addressOf(this.page))
    this.cuda.primaryContextRelease(0)
  }
}
