// A runtime on the GPU for one check, shut down whatever happens.
import { RingKernelRuntime } from 'ringlab'

export async function withRuntime(work: (runtime: RingKernelRuntime) => Promise<string>): Promise<string> {
  const runtime = new RingKernelRuntime({ device: 'cuda' })
  try { return await work(runtime) } finally { await runtime.shutdown() }
}
