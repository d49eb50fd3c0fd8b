// The public API of ringlab, and nothing else. Importing it loads no TypeScript, no ZeroMQ and no koffi until they are needed.
import { provideAutoDevice, provideDevice } from './runtime/device.js'
import { provideInsight } from './runtime/insight.js'

provideDevice('cpu', async (host) => new (await import('./devices/cpu/cpu-device.js')).CpuDevice(host))
provideDevice('host', async (host) => new (await import('./devices/host/host-device.js')).HostDevice(host))
provideDevice('cuda', async (host, name) => (await import('./devices/cuda/cuda-device.js')).CudaDevice.open(name, host),
  async (name) => { await (await import('./devices/cuda/automatic.js')).probeGpu(name) })
provideAutoDevice(async () => (await import('./devices/cuda/automatic.js')).automaticDevice())
provideInsight(() => import('./devices/insight/index.js'))

export { array, bf16, bool, f16, f32, f64, i16, i32, i64, i8, message, MessageError, struct, u16, u32, u64, u8 } from './schema/index.js'
export type {
  ArrayOf, BF16, Bool, Columns, Dtype, Element, Elements, F16, F32, F64, Field, Fields, I16, I32, I64, I8, Infer, Init, Message, Num, Scalar, Schema, Schemas,
  StandardResult, StandardSchema, Struct, U16, U32, U64, U8,
} from './schema/index.js'
export { CaptureError } from './source/index.js'
export type { Envelope } from './ring/envelope.js'
export type { LatencyBucket } from './ring/histogram.js'
export { messageUuid } from './ring/uuid.js'
export { BarrierError, CheckpointError, DeviceError, KernelError, QueueFullError, RingKernelFault, RingKernelStateError, SupervisionError, TimeoutError, UndeliveredError } from './runtime/errors.js'
export { cudaRingKernel } from './runtime/cuda-definition.js'
export type { CudaRingKernelOptions } from './runtime/cuda-definition.js'
export { exportTelemetry } from './runtime/open-telemetry.js'
export type { ExportOptions, MeterLike, TracerLike } from './runtime/open-telemetry.js'
export { ringKernel } from './runtime/definition.js'
export { topic } from './runtime/topic.js'
export type { Topic, TopicOptions } from './runtime/topic.js'
export type { MessagesOptions, Published, Subscription } from './runtime/subscription.js'
export type { ConnectOptions, EdgeBackpressure, EdgeTelemetry } from './runtime/connection.js'
export type { Barrier, BarrierOptions } from './runtime/barrier.js'
export type { Connection } from './runtime/ends.js'
export type { TraceEvent } from './runtime/trace.js'
export { RingKernelRuntime } from './runtime/ring-kernel-runtime.js'
export { Supervisor } from './runtime/supervisor.js'
export type { SupervisorOptions } from './runtime/supervisor.js'
export { kernel } from './runtime/kernel.js'
export type { Kernel, KernelArguments, KernelInputs, KernelLaunchOptions, Parameter } from './runtime/kernel.js'
export type { CheckpointSummary } from './runtime/take-checkpoint.js'
export { unifiedBuffer } from './runtime/unified-buffer.js'
export type { UnifiedBuffer } from './runtime/unified-buffer.js'
export type { InputQueue } from './runtime/input-queue.js'
export type { DeadLetter, DeadLetterOptions, DeadLetterQueue, DeadLetterReason } from './runtime/dead-letters.js'
export type { CpuOptions } from './runtime/cpu-options.js'
export type { HostOptions } from './runtime/host-options.js'
export type { MemoryHolder } from './runtime/device.js'
export type { MemoryOptions, MemoryPool, MemoryStatistics } from './runtime/memory-pool.js'
export type { State } from './runtime/life-cycle.js'
export type {
  Backpressure, Context, DefinitionOf, Device, Handler, HandlerContext, InputOf, Latencies, Launchable, LaunchArguments, Launched, LaunchOptions, LoopBody, LoopContext, MessageOptions, Name, NoOutput, OutputOf,
  RestartOptions, RestoreOptions, RingKernel, RingKernelDefinition, RingKernelOptions, RingKernels, RingTelemetry, RuntimeOptions, SendOptions, Sink, Source, Target, Telemetry, TerminateOptions, WaitOptions,
} from './runtime/types.js'
export { lab } from './lab/index.js'
export type { BitDifference, BufferOptions, BufferView, ComparedDevice, CompareOptions, Comparison, Difference, Display, Figure, GivenBuffers, Magic, Replay, ReplayOptions, ReplayStep, TraceFigure, TraceOptions } from './lab/index.js'
