// What is exported through OpenTelemetry's API, end to end: a real SDK, exporting into memory.
import { execFileSync } from 'node:child_process'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { context, metrics, trace } from '@opentelemetry/api'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exportTelemetry, ringKernel, RingKernelRuntime, struct, u32, unifiedBuffer, type Device } from 'ringlab'

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
const meters = new MeterProvider({ readers: [reader] })
const spans = new InMemorySpanExporter()
const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
metrics.setGlobalMeterProvider(meters)
trace.setGlobalTracerProvider(tracers)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
afterAll(async () => { await meters.shutdown(); await tracers.shutdown(); metrics.disable(); trace.disable(); context.disable() })

const Value = struct('Value', { v: u32 })
const twice = ringKernel('twice', { input: Value, output: Value, capacity: 16 }, { onMessage({ v }, ctx) { if (v < 100) ctx.send({ v: v * 2 }) } })
const within = { timeoutMs: 5_000 }

/** What a collection brings: `name{attributes}` and its value. */
async function collected(): Promise<Map<string, number>> {
  exporter.reset()
  await reader.forceFlush()
  const found = new Map<string, number>()
  for (const { scopeMetrics } of exporter.getMetrics()) for (const { metrics: each } of scopeMetrics) for (const { descriptor, dataPoints } of each) {
    for (const { attributes, value } of dataPoints) found.set(`${descriptor.name}${JSON.stringify(Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))))}`, value as number)
  }
  return found
}

let runtime: RingKernelRuntime
beforeEach(() => { runtime = new RingKernelRuntime({ device: 'cpu', leaks: 'ignore' }); spans.reset() })
afterEach(() => runtime.shutdown())

describe.each(['cpu', 'host'] as const satisfies Device[])('on %s', (device) => {
  test('every counter, depth and latency arrives under the ring kernel\'s name, also of one launched later; nothing new does once it is disposed', async () => {
    const exporting = await exportTelemetry(runtime, { tracer: false, attributes: { service: 'test' } })
    const actor = await runtime.spawn(twice, { device })
    for (let v = 0; v < 5; v++) await actor.ask({ v }, within)
    await actor.send({ v: 100 })
    await expect.poll(() => actor.telemetry().processed, { timeout: 5000 }).toBe(6)
    await actor.deactivate()
    for (let v = 0; v < 3; v++) await actor.send({ v })
    using kept = unifiedBuffer(u32, 25)
    await kept.onDevice()
    const found = await collected()
    const common = `"ringlab.device":"${device}","ringlab.ring_kernel":"twice"`
    expect(found.get(`ringlab.messages.processed{${common},"service":"test"}`)).toBe(6)
    expect(found.get(`ringlab.messages.sent{${common},"service":"test"}`)).toBe(5)
    for (const name of ['messages.dropped', 'messages.expired', 'messages.duplicates', 'dead_letters', 'errors', 'restarts']) expect(found.get(`ringlab.${name}{${common},"service":"test"}`)).toBe(0)
    expect(found.get(`ringlab.queue.depth{${common},"ringlab.state":"DEACTIVATED","service":"test"}`)).toBe(3)
    expect(found.get(`ringlab.queue.depth.max{${common},"ringlab.state":"DEACTIVATED","service":"test"}`)).toBe(3)
    expect(found.get(`ringlab.throughput{${common},"ringlab.state":"DEACTIVATED","service":"test"}`)).toBeGreaterThan(0)
    expect(found.get(`ringlab.ring.sent{"ringlab.device":"${device}","ringlab.ring.from":"host","ringlab.ring.to":"twice","ringlab.ring_kernel":"twice","service":"test"}`)).toBe(9)
    expect(found.get(`ringlab.ring.depth{"ringlab.device":"${device}","ringlab.ring.from":"twice","ringlab.ring.to":"host","ringlab.ring_kernel":"twice","service":"test"}`)).toBe(0)
    const { p50, max } = actor.telemetry().latencyNs
    expect(found.get(`ringlab.latency{"quantile":"0.5",${common},"service":"test"}`)).toBeCloseTo(p50 / 1e9, 12)
    expect(found.get(`ringlab.latency{"quantile":"1",${common},"service":"test"}`)).toBeCloseTo(max / 1e9, 12)
    const below = [...found].filter(([name]) => name.startsWith('ringlab.latency.messages{')).map(([, count]) => count)
    expect([below.length > 0, Math.max(...below)]).toEqual([true, 6])
    expect(found.get('ringlab.memory.used{"ringlab.device":"cpu","service":"test"}')).toBe(100)
    exporting[Symbol.dispose]()
    await actor.reactivate()
    await actor.ask({ v: 7 }, within)
    // The SDK repeats what it was last told; it is told nothing any more.
    expect((await collected()).get(`ringlab.messages.processed{${common},"service":"test"}`)).toBe(6)
  })

  test('an ask is a span: a child of the one that is active, with the error it ended in', async () => {
    using _ = await exportTelemetry(runtime, { meter: false })
    const actor = await runtime.spawn(twice, { device })
    const outer = trace.getTracer('test').startSpan('outer')
    await context.with(trace.setSpan(context.active(), outer), async () => {
      await actor.ask({ v: 1 }, within)
      await expect(actor.ask({ v: 100 }, { timeoutMs: 30 })).rejects.toThrow(/30 ms/)
    })
    outer.end()
    const [good, late] = spans.getFinishedSpans()
    expect([good?.name, good?.kind, good?.attributes, good?.status.code, good?.parentSpanContext?.spanId]).toEqual(['ask twice', 2, { 'ringlab.ring_kernel': 'twice', 'ringlab.device': device }, 0, outer.spanContext().spanId])
    expect([late?.name, late?.status.code, late?.status.message, late?.events[0]?.name]).toEqual(['ask twice', 2, expect.stringContaining('30 ms'), 'exception'])
  })
})

test('a meter and a tracer of one\'s own are used in place of the global ones; once disposed, asks leave no span', async () => {
  const own = new InMemorySpanExporter()
  const names: string[] = []
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(own)] }).getTracer('own')
  const instrument = (name: string): string => { names.push(name); return name }
  const exporting = await exportTelemetry(runtime, { tracer, meter: { createObservableCounter: instrument, createObservableGauge: instrument, addBatchObservableCallback: () => undefined, removeBatchObservableCallback: () => undefined } })
  const actor = await runtime.spawn(twice)
  await actor.ask({ v: 1 }, within)
  exporting[Symbol.dispose]()
  await actor.ask({ v: 2 }, within)
  expect([own.getFinishedSpans().length, spans.getFinishedSpans().length, names.includes('ringlab.latency')]).toEqual([1, 0, true])
})

test('without the package, one sentence says what to install; with a meter and a tracer given, it is not needed', () => {
  const hooks = "export async function resolve(name, context, next) { if (name === '@opentelemetry/api') throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context) }"
  const script = `import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}))
    const { exportTelemetry, RingKernelRuntime } = await import('ringlab')
    const runtime = new RingKernelRuntime({ device: 'host' })
    await exportTelemetry(runtime).catch((error) => console.log(error.message))
    await exportTelemetry(runtime, { meter: false, tracer: false })
    await runtime.shutdown()`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } })
  expect(said).toBe('exportTelemetry() needs the package @opentelemetry/api: npm install @opentelemetry/api, and an OpenTelemetry SDK that exports what it is given; or give it { meter, tracer } of your own.\n')
})
