// Of each public option the test that fails when the option is ignored. `test/structure/options.test.ts` compares this with the API, both ways.

export interface Row { readonly option: string; /** Below test/. */ readonly file: string; /** Parts of its name, which the file has as they are. */ readonly names: readonly string[] }

/** One test of options. */
const row = (file: string, name: string, ...options: readonly string[]): Row[] => options.map((option) => ({ option, file, names: [name] }))
/** A file of tests for each of `owners` and each of `options`, named by the two. */
const each = (file: string, owners: readonly string[], options: readonly string[]): Row[] => owners.flatMap((owner) => options.map((option) => ({ option: `${owner} ${option}`, file, names: [owner, option] })))

const sends = ['RingKernel.send', 'RingKernel.ask', 'RingKernel.sendBatch', 'RingKernel.sendColumns', 'RingKernelRuntime.send', 'RingKernelRuntime.ask', 'RingKernelRuntime.publish', 'RingKernelRuntime.redeliver']

export const rows: readonly Row[] = [
  ...each('runtime/options/sends.test.ts', sends, ['priority', 'correlationId', 'timeToLiveMs', 'id', 'timeoutMs', 'signal']),
  ...each('runtime/options/sends.test.ts', ['HandlerContext.send', 'LoopContext.send', 'Context.ports.send'], ['priority', 'correlationId', 'timeToLiveMs']),
  ...['HandlerContext.send', 'LoopContext.send', 'Context.ports.send'].flatMap((owner) => row('runtime/options/sends.test.ts', '%s id is refused', `${owner} id`)),
  ...row('alike/queues.test.ts', 'dropNewest drops what comes last, whatever its priority, and counts it', 'ringKernel backpressure', 'ringKernel capacity'),
  ...row('alike/queues.test.ts', 'a message with an id among the last sixteen is left out and counted; behind them it is another', 'ringKernel deduplicate'),
  ...row('alike/connections.test.ts', 'a ring of its own capacity holds its sender up when that is reached, and counts what was sent and taken', 'RingKernelRuntime.connect capacity'),
  ...row('alike/connections.test.ts', ': a full ring holds nobody up, and what it drops is counted', 'RingKernelRuntime.connect backpressure'),
  ...row('alike/connections.test.ts', 'the host listens beside a ring kernel, as much as it asks for', 'RingKernelRuntime.messages capacity', 'RingKernelRuntime.messages backpressure'),
  ...row('alike/barriers.test.ts', 'nobody goes on before all have come, and then everybody does, with what each of them said', 'RingKernelRuntime.barrier go', 'RingKernelRuntime.barrier port'),
  ...row('alike/barriers.test.ts', 'timeoutMs breaks it, and the sentence names who is missing', 'RingKernelRuntime.barrier timeoutMs'),
  ...row('alike/barriers.test.ts', 'a signal breaks it', 'RingKernelRuntime.barrier signal'),
  ...row('alike/topics.test.ts', 'a retained message is the first that a later subscriber gets, and without that nothing is', 'topic retained'),
  ...row('runtime/checkpoints.test.ts', 'goes on with state and queue under the id and on the device it had, or those it is given', 'RingKernelRuntime.restore id', 'RingKernelRuntime.restore device'),
  ...row('runtime/checkpoints.test.ts', 'runs the definition it is given, with the state fields that both have', 'RingKernelRuntime.restore definition'),
  ...row('runtime/checkpoints.test.ts', 'fills a grown state by migrate', 'RingKernelRuntime.restore migrate'),
  ...row('runtime/checkpoints.test.ts', 'takes one unified buffer for each the definition declares', 'RingKernelRuntime.restore buffers'),
  ...row('alike/memory.test.ts', 'a limit holds, its refusal names who holds the most, and what is given back can be had again', 'RingKernelRuntime memory', 'RingKernelRuntime memory.limitBytes'),
  ...row('alike/memory.test.ts', 'with idleBytes 0 nothing is kept; options that are no byte counts are refused', 'RingKernelRuntime memory.idleBytes'),
  ...row('alike/memory.test.ts', 'one warning lists every buffer that is left, its bytes and its place; none when all are disposed or the option says so', 'RingKernelRuntime leaks'),
  ...row('alike/memory.test.ts', 'the option locks where there is a bus, and only while the buffer is on that device', 'unifiedBuffer pinned'),
  ...row('devices/placement.test.ts', 'as many workers as the option says, filled evenly', 'RingKernelRuntime cpu', 'RingKernelRuntime cpu.workers'),
  ...row('devices/placement.test.ts', 'a worker takes as many as it may; the next launch is refused with what to do, and has room once one has ended', 'RingKernelRuntime cpu.actorsPerWorker'),
  ...row('alike/dead-letters.test.ts', 'the store is bounded: the oldest goes and is counted', 'RingKernelRuntime deadLetters', 'RingKernelRuntime deadLetters.capacity'),
  ...row('runtime/open-telemetry.test.ts', 'a meter and a tracer of one\'s own are used in place of the global ones; once disposed, asks leave no span', 'exportTelemetry meter', 'exportTelemetry tracer'),
  ...row('runtime/open-telemetry.test.ts', 'every counter, depth and latency arrives under the ring kernel\'s name, also of one launched later; nothing new does once it is disposed', 'exportTelemetry attributes'),
  ...row('alike/trace.test.ts', 'the latest events are kept, and the table shows as many as it is asked for, at 80 columns', 'lab.trace capacity'),
  ...row('lab/replay.test.ts', 'unified buffers are given, and copied', 'lab.replay buffers'),
  ...row('lab/compare.test.ts', 'what is left in buffers is compared as well, and the buffer given stays as it is', 'lab.compare buffers'),
  ...row('lab/compare.test.ts', 'what differs is counted, and the first is named with its output, field, values and bits', 'lab.compare devices'),
  ...row('lab/compare.test.ts', 'a device that does not finish in time is told of', 'lab.compare timeoutMs'),
]

/** Options that have no such test yet. */
export const missing: readonly string[] = [
  'Barrier.passed signal', 'Barrier.passed timeoutMs', 'Figure.live seconds', 'Kernel.launch device', 'Kernel.launch runtime', 'Kernel.launch signal', 'Kernel.launch threads',
  'Kernel.launch timeoutMs', 'RingKernel.envelopes signal', 'RingKernel.envelopes timeoutMs', 'RingKernel.outputs signal', 'RingKernel.outputs timeoutMs',
  'RingKernel.receive signal', 'RingKernel.receive timeoutMs', 'RingKernel.receiveColumns signal', 'RingKernel.receiveColumns timeoutMs', 'RingKernel.restart state',
  'RingKernel.step signal', 'RingKernel.step timeoutMs', 'RingKernel.terminate pending', 'RingKernel.terminate signal', 'RingKernel.terminate timeoutMs', 'RingKernelRuntime device',
  'RingKernelRuntime host', 'RingKernelRuntime host.limitMs', 'RingKernelRuntime.launch buffers', 'RingKernelRuntime.launch device', 'RingKernelRuntime.launch id',
  'RingKernelRuntime.launch record', 'RingKernelRuntime.launch supervisor', 'RingKernelRuntime.launch supervisor.backoff', 'RingKernelRuntime.launch supervisor.backoff.factor',
  'RingKernelRuntime.launch supervisor.backoff.initialMs', 'RingKernelRuntime.launch supervisor.backoff.jitter', 'RingKernelRuntime.launch supervisor.backoff.maxMs',
  'RingKernelRuntime.launch supervisor.backoff.seed', 'RingKernelRuntime.launch supervisor.maxRestarts', 'RingKernelRuntime.launch supervisor.name',
  'RingKernelRuntime.launch supervisor.parent', 'RingKernelRuntime.launch supervisor.state', 'RingKernelRuntime.launch supervisor.strategy',
  'RingKernelRuntime.launch supervisor.whenExceeded', 'RingKernelRuntime.launch supervisor.withinMs', 'RingKernelRuntime.messages signal', 'RingKernelRuntime.messages timeoutMs',
  'RingKernelRuntime.receive signal', 'RingKernelRuntime.receive timeoutMs', 'RingKernelRuntime.restart state', 'RingKernelRuntime.shutdown pending',
  'RingKernelRuntime.shutdown signal', 'RingKernelRuntime.shutdown timeoutMs', 'RingKernelRuntime.spawn buffers', 'RingKernelRuntime.spawn device', 'RingKernelRuntime.spawn id',
  'RingKernelRuntime.spawn record', 'RingKernelRuntime.spawn supervisor', 'RingKernelRuntime.spawn supervisor.backoff', 'RingKernelRuntime.spawn supervisor.backoff.factor',
  'RingKernelRuntime.spawn supervisor.backoff.initialMs', 'RingKernelRuntime.spawn supervisor.backoff.jitter', 'RingKernelRuntime.spawn supervisor.backoff.maxMs',
  'RingKernelRuntime.spawn supervisor.backoff.seed', 'RingKernelRuntime.spawn supervisor.maxRestarts', 'RingKernelRuntime.spawn supervisor.name',
  'RingKernelRuntime.spawn supervisor.parent', 'RingKernelRuntime.spawn supervisor.state', 'RingKernelRuntime.spawn supervisor.strategy',
  'RingKernelRuntime.spawn supervisor.whenExceeded', 'RingKernelRuntime.spawn supervisor.withinMs', 'RingKernelRuntime.terminate pending', 'RingKernelRuntime.terminate signal',
  'RingKernelRuntime.terminate timeoutMs', 'Supervisor backoff', 'Supervisor backoff.factor', 'Supervisor backoff.initialMs', 'Supervisor backoff.jitter', 'Supervisor backoff.maxMs',
  'Supervisor backoff.seed', 'Supervisor maxRestarts', 'Supervisor name', 'Supervisor parent', 'Supervisor state', 'Supervisor strategy', 'Supervisor whenExceeded',
  'Supervisor withinMs', 'cudaRingKernel backpressure', 'cudaRingKernel buffers', 'cudaRingKernel capacity', 'cudaRingKernel compilerOptions', 'cudaRingKernel deduplicate',
  'cudaRingKernel device', 'cudaRingKernel entry', 'cudaRingKernel file', 'cudaRingKernel image', 'cudaRingKernel input', 'cudaRingKernel line', 'cudaRingKernel math',
  'cudaRingKernel output', 'cudaRingKernel parallel', 'cudaRingKernel ports', 'cudaRingKernel source', 'cudaRingKernel state', 'cudaRingKernel threads', 'kernel math',
  'lab.buffer field', 'lab.buffer name', 'lab.buffer width', 'ringKernel buffers', 'ringKernel device', 'ringKernel input', 'ringKernel math', 'ringKernel output',
  'ringKernel parallel', 'ringKernel ports', 'ringKernel state', 'ringKernel threads',
]
