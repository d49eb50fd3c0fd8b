// Telemetry for OpenTelemetry, through its API package alone: whatever SDK the program has set up exports it, and a program without one needs nothing.
//
// The shapes below are those of @opentelemetry/api of which this file uses a part; they are spelled out so that ringlab's own types do not need the package.
import type { AskObserver, Observed } from './ask-observer.js'
import { onActorsChanged } from './registry.js'
import type { RingKernelRuntime } from './ring-kernel-runtime.js'
import type { RingKernel, Telemetry } from './types.js'

type Attributes = Record<string, string | number | boolean>
interface Instrument { readonly description: string; readonly unit: string }
interface Observations<O> { observe(of: O, value: number, attributes: Attributes): void }

/** Of an OpenTelemetry `Meter`, what is used here. */
export interface MeterLike<O = unknown> {
  createObservableCounter(name: string, options: Instrument): O
  createObservableGauge(name: string, options: Instrument): O
  addBatchObservableCallback(callback: (result: Observations<O>) => Promise<void>, observables: O[]): void
  removeBatchObservableCallback(callback: (result: Observations<O>) => Promise<void>, observables: O[]): void
}
/** Of an OpenTelemetry `Tracer`, what is used here. */
export interface TracerLike {
  startSpan(name: string, options: { readonly kind: number; readonly attributes: Attributes }): { setStatus(status: { readonly code: number; readonly message: string }): unknown; recordException(error: Error): void; end(): void }
}

export interface ExportOptions {
  /** Default: the meter `ringlab` of the program's global meter provider. `false`: no metrics. */
  readonly meter?: MeterLike | false
  /** Default: the tracer `ringlab` of the program's global tracer provider. `false`: no spans. */
  readonly tracer?: TracerLike | false
  /** Added to everything that is exported. */
  readonly attributes?: Readonly<Attributes>
}

/** SpanKind.CLIENT and SpanStatusCode.ERROR. */
const CLIENT = 2
const FAILED = 2

const counters = {
  'ringlab.messages.processed': ['Messages that bodies have finished', (t: Telemetry) => t.processed],
  'ringlab.messages.sent': ['Messages that bodies have sent', (t: Telemetry) => t.sent],
  'ringlab.messages.dropped': ['Messages that were dropped', (t: Telemetry) => t.dropped],
  'ringlab.messages.expired': ['Messages whose time to live ended before a body took them', (t: Telemetry) => t.expired],
  'ringlab.messages.duplicates': ['Messages left out as duplicates', (t: Telemetry) => t.duplicates],
  'ringlab.dead_letters': ['Messages given up, with a reason', (t: Telemetry) => t.deadLetters],
  'ringlab.errors': ['Messages on which a body failed', (t: Telemetry) => t.errors],
  'ringlab.restarts': ['Restarts after a failure', (t: Telemetry) => t.restarts],
} as const
const quantiles = [['0.5', 'p50'], ['0.9', 'p90'], ['0.99', 'p99'], ['0.999', 'p999'], ['1', 'max']] as const
const NS_A_SECOND = 1e9

/**
 * Exports the telemetry of every ring kernel of `runtime`, those launched later too, until the result is disposed: counters, queue depths, throughput and latency
 * quantiles by ring kernel, depth and traffic by ring, memory by device; and a span for each `ask`, a child of the span that is active where it is called.
 *
 * @throws Error when a meter or tracer is to be taken from `@opentelemetry/api` and the package is not installed.
 * @example
 * using exporting = await exportTelemetry(runtime)
 */
export async function exportTelemetry(runtime: RingKernelRuntime, options: ExportOptions = {}): Promise<Disposable> {
  const api = options.meter === undefined || options.tracer === undefined ? await openApi() : undefined
  const meter = options.meter ?? (api?.metrics.getMeter('ringlab'))
  const tracer = options.tracer ?? (api?.trace.getTracer('ringlab'))
  const attributes = { ...options.attributes }
  const stops = [
    ...meter === undefined || meter === false ? [] : [observeMetrics(runtime, meter, attributes)],
    ...tracer === undefined || tracer === false ? [] : [observeAsks(runtime, tracer, attributes)],
  ]
  return { [Symbol.dispose]: () => { for (const stop of stops.splice(0)) stop() } }
}

async function openApi(): Promise<typeof import('@opentelemetry/api')> {
  try { return await import('@opentelemetry/api') } catch (cause) {
    throw new Error('exportTelemetry() needs the package @opentelemetry/api: npm install @opentelemetry/api, and an OpenTelemetry SDK that exports what it is given; or give it { meter, tracer } of your own.', { cause })
  }
}

function observeMetrics<O>(runtime: RingKernelRuntime, meter: MeterLike<O>, common: Attributes): () => void {
  const counted = Object.entries(counters).map(([name, [description, read]]) => ({ read, instrument: meter.createObservableCounter(name, { description, unit: '{message}' }) }))
  const gauge = (name: string, description: string, unit: string): O => meter.createObservableGauge(name, { description, unit })
  const [depth, depthMax] = [gauge('ringlab.queue.depth', 'Input messages queued', '{message}'), gauge('ringlab.queue.depth.max', 'The most there were at once in one ring', '{message}')]
  const [ringDepth, ringDepthMax] = [gauge('ringlab.ring.depth', 'Messages in one ring', '{message}'), gauge('ringlab.ring.depth.max', 'The most there were at once', '{message}')]
  const ringSent = meter.createObservableCounter('ringlab.ring.sent', { description: 'Messages sent through one ring', unit: '{message}' })
  const throughput = gauge('ringlab.throughput', 'Messages processed a second', '{message}/s')
  const latency = gauge('ringlab.latency', 'Time from send to finished answer, by quantile', 's')
  const latencyBelow = meter.createObservableCounter('ringlab.latency.messages', { description: 'Messages that took `le` seconds or less', unit: '{message}' })
  const [memoryUsed, memoryAllocated] = [gauge('ringlab.memory.used', 'Device memory that is in use', 'By'), gauge('ringlab.memory.allocated', 'Device memory taken from the device', 'By')]
  const all = [...counted.map(({ instrument }) => instrument), depth, depthMax, ringDepth, ringDepthMax, ringSent, throughput, latency, latencyBelow, memoryUsed, memoryAllocated]

  const observe = async (result: Observations<O>): Promise<void> => {
    await Promise.all([...runtime.ringKernels.values()].map(async (actor) => {
      // A GPU that does not answer now is no reason to export nothing.
      const telemetry = await actor.measure().catch(() => actor.telemetry())
      const own = { ...common, ...attributesOf(actor), 'ringlab.state': actor.state }
      const plain = { ...common, ...attributesOf(actor) }
      for (const { instrument, read } of counted) result.observe(instrument, read(telemetry), plain)
      result.observe(depth, telemetry.depth, own)
      result.observe(depthMax, telemetry.depthMax, own)
      result.observe(throughput, telemetry.throughput.perSecond, own)
      for (const [quantile, name] of quantiles) if (telemetry.latencyNs.count > 0) result.observe(latency, telemetry.latencyNs[name] / NS_A_SECOND, { ...plain, quantile })
      for (const [le, count] of octavesOf(telemetry)) result.observe(latencyBelow, count, { ...plain, le })
      // Each ring once: at the end that takes from it, or where that is the host.
      for (const ring of [...telemetry.inputs, ...telemetry.outputs.filter(({ to }) => to === 'host')]) {
        const ends = { ...plain, 'ringlab.ring.from': ring.from, 'ringlab.ring.to': ring.to }
        result.observe(ringDepth, ring.depth, ends)
        result.observe(ringDepthMax, ring.depthMax, ends)
        result.observe(ringSent, ring.sent, ends)
      }
    }))
    for (const { statistics } of runtime.memory.values()) {
      const place = { ...common, 'ringlab.device': statistics.device }
      result.observe(memoryUsed, statistics.inUseBytes, place)
      result.observe(memoryAllocated, statistics.allocatedBytes, place)
    }
  }
  meter.addBatchObservableCallback(observe, all)
  return () => { meter.removeBatchObservableCallback(observe, all) }
}

/** How many messages took so long at most, in seconds: a bound a doubling, up to the slowest, which is in the last. */
function octavesOf({ latencyNs: { buckets } }: Telemetry): (readonly [string, number])[] {
  const bounds: (readonly [string, number])[] = []
  let [count, next] = [0, 0]
  const last = buckets.at(-1)?.toNs ?? 0
  for (let le = 16; buckets.length > 0; le *= 2) {
    while (next < buckets.length && (buckets[next]?.toNs ?? 0) < le) count += buckets[next++]?.count ?? 0
    if (count > 0) bounds.push([String((le - 1) / NS_A_SECOND), count])
    if (le > last) break
  }
  return bounds
}

function observeAsks(runtime: RingKernelRuntime, tracer: TracerLike, common: Attributes): () => void {
  const observer: AskObserver = async (to, ask) => {
    const span = tracer.startSpan(`ask ${to.id}`, { kind: CLIENT, attributes: { ...common, ...attributesOf(to) } })
    try { return await ask() } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      span.recordException(failure)
      span.setStatus({ code: FAILED, message: failure.message })
      throw error
    } finally { span.end() }
  }
  const actors = (): Observed[] => [...runtime.ringKernels.values()] as unknown as Observed[]
  const addToAll = (): void => { for (const actor of actors()) if (!actor.askObservers.includes(observer)) actor.askObservers = [...actor.askObservers, observer] }
  addToAll()
  const stop = onActorsChanged(addToAll)
  return () => {
    stop()
    for (const actor of actors()) actor.askObservers = actor.askObservers.filter((each) => each !== observer)
  }
}

function attributesOf({ id, device }: Pick<RingKernel, 'id' | 'device'>): Attributes { return { 'ringlab.ring_kernel': id, 'ringlab.device': device } }
