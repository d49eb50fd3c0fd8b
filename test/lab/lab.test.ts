// The lab as cells and scripts use it: displays, results, figures of real ring kernels, and errors of one sentence.
import { inspect } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { array, f32, lab, ringKernel, RingKernelRuntime, struct, u32, unifiedBuffer } from 'ringlab'
import { addedMagics, setCurrentSignal, setDisplaySink, setLiveHost, setOutputs, stopLiveFigures, toMimeBundle, type LiveSpec } from '#ringlab/lab/index.js'

interface Shown { bundle: Record<string, unknown>; displayId?: string; update?: boolean }
const shown: Shown[] = []
const record = (): void => { shown.length = 0; setDisplaySink({ display: (bundle, options) => { shown.push({ bundle, ...options }) }, clear: (wait) => { shown.push({ bundle: { clear: wait } }) } }) }
afterEach(() => { stopLiveFigures(); setDisplaySink(undefined); setLiveHost(undefined) })

const Request = struct('Request', { id: u32, values: array(f32, 4) })
const summer = ringKernel('lab-summer', { input: Request, output: Request, capacity: 16 }, { onMessage(message, ctx) { ctx.send(message) } })

test('a display has every form it is asked for, and always a text', () => {
  record()
  lab.display.html('<b>bold</b> &amp; more<script>x</script>')
  lab.display.svg('<svg/>')
  lab.display.markdown('**m**')
  lab.display.json({ a: 1 })
  lab.display.png(Uint8Array.from([1, 2, 3]))
  lab.display.raw('application/x-thing', Uint8Array.from([255]))
  expect(shown.map(({ bundle }) => bundle)).toEqual([
    { 'text/html': '<b>bold</b> &amp; more<script>x</script>', 'text/plain': 'bold & more' }, { 'image/svg+xml': '<svg/>', 'text/plain': '[SVG picture]' }, { 'text/markdown': '**m**', 'text/plain': '**m**' },
    { 'application/json': { a: 1 }, 'text/plain': '{ a: 1 }' }, { 'image/png': 'AQID', 'text/plain': '[image/png, 3 bytes]' }, { 'application/x-thing': '/w==', 'text/plain': '[application/x-thing]' }])
})

test('update rewrites the last display, a display of its own rewrites itself, clear says whether to wait', () => {
  record()
  lab.display('one')
  lab.display.update('two')
  const own = lab.newDisplay()
  own.text('10 %')
  own.text('20 %')
  lab.display.clear(true)
  expect(shown.map(({ update }) => update)).toEqual([false, true, false, true, undefined])
  expect(shown[0]?.displayId).toBe(shown[1]?.displayId)
  expect(shown[2]?.displayId).toBe(shown[3]?.displayId)
  expect(shown[2]?.displayId).not.toBe(shown[0]?.displayId)
  expect(shown[4]?.bundle).toEqual({ clear: true })
})

test('values show themselves by Deno’s symbol, by toMimeBundle, as elements; one that fails is inspected', () => {
  expect(toMimeBundle({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': 'h' }), a: 1 })['text/html']).toBe('h')
  expect(toMimeBundle({ toMimeBundle: () => ({ 'text/plain': 'mine' }) })).toEqual({ 'text/plain': 'mine' })
  expect(toMimeBundle({ nodeType: 1, outerHTML: '<svg><g/></svg>' })['image/svg+xml']).toBe('<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>')
  expect(toMimeBundle({ toMimeBundle() { throw new Error('broken') } })['text/plain']).toContain('It could not show itself: broken')
  expect(toMimeBundle('text')).toEqual({ 'text/plain': "'text'" })
  expect(toMimeBundle(undefined)).toEqual({ 'text/plain': 'undefined' })
  expect(toMimeBundle(new Proxy({}, { get() { throw new Error('no') } }))['text/plain']).toBeTypeOf('string')
})

test('a struct shows its bytes, a definition and a ring kernel show tables', async () => {
  await using runtime = new RingKernelRuntime({ device: 'cpu' })
  const actor = await runtime.launch(summer)
  expect(toMimeBundle(Request)['text/plain']).toMatch(/4 +16 +values +array\(f32, 4\)/)
  expect(toMimeBundle(summer)['text/plain']).toMatch(/definition of ring kernel lab-summer[^]*input +Request/)
  expect(toMimeBundle(actor)['text/html']).toContain('LAUNCHED')
  expect(toMimeBundle(runtime)['text/plain']).toMatch(/lab-summer +cpu +LAUNCHED/)
  expect(lab.runtime).toBe(runtime)
})

test('a unified buffer is shown with its state, and looking copies nothing', async () => {
  const shown = (of: unknown, ...rest: ['table' | 'heatmap'] | []): string => String(lab.buffer(of, ...rest).toMimeBundle()['text/plain'])
  const weights = unifiedBuffer(f32, [2, 3])
  expect(shown(weights)).toMatch(/buffer: nothing on the host[^]*Unified buffer of 2 × 3 f32, UNINITIALIZED\./)
  weights.set([1, 2, 3, 4, 5, 6])
  expect(shown(weights)).toMatch(/6 elements \(Float32Array\)[^]*Unified buffer of 2 × 3 f32, HOST_ONLY\./)
  expect(shown(weights, 'heatmap')).toContain('2 × 3 heatmap of 6 elements')
  const writer = ringKernel('lab-writer', { input: struct('I', { i: u32 }), output: struct('I', { i: u32 }), buffers: { weights: f32 } }, { onMessage(m, ctx) { ctx.buffers.weights[m.i] = 9; ctx.send(m) } })
  await using runtime = new RingKernelRuntime({ device: 'host' })
  await (await runtime.spawn(writer, { buffers: { weights } })).ask({ i: 0 })
  expect(shown(weights)).toMatch(/ 1 [^]*DEVICE_DIRTY on host\.[^]*await buffer\.onHost\(\) brings it\s+here/)
  await weights.onHost()
  expect(shown(weights)).toMatch(/ 9 /)
  const pairs = unifiedBuffer(struct('Pair', { a: f32, b: u32 }), 2)
  pairs.set([{ a: 1.5, b: 7 }], 1)
  expect(shown(pairs)).toMatch(/buffer: 2 elements[^]*1\.5 +7/)
  weights[Symbol.dispose]()
  expect(shown(weights)).toContain('disposed')
})

test('queues and buffer show what lies in the rings, and leave it there', async () => {
  await using runtime = new RingKernelRuntime({ device: 'cpu' })
  const actor = await runtime.launch(summer)
  for (let id = 0; id < 5; id++) await actor.send({ id, values: [id, 0, 0, 0.5] })
  expect(lab.queues(actor).toMimeBundle()['text/plain']).toContain('5 of 16, high-water 5')
  expect(inspect(lab.queues(actor))).toContain('5 of 16, high-water 5')
  expect(lab.actors().toMimeBundle()['text/plain']).toMatch(/lab-summer +cpu +LAUNCHED +5\/16/)
  const text = String(lab.buffer(actor).toMimeBundle()['text/plain'])
  expect(text).toMatch(/lab-summer: 5 queued messages[^]*4 +input +4 +\[4, 0, 0, 0.5\]/)
  expect(lab.buffer(summer, 'heatmap', { field: 'values' }).toMimeBundle()['text/plain']).toContain('5 × 4 heatmap of 20 elements')
  await actor.activate()
  expect((await actor.receive({ timeoutMs: 5000 })).id).toBe(0)
})

test('the table of a long ring begins with its oldest messages', async () => {
  await using runtime = new RingKernelRuntime({ device: 'cpu' })
  const actor = await runtime.launch(ringKernel('lab-long', { input: Request, output: Request, capacity: 4096 }, { onMessage(message, ctx) { ctx.send(message) } }))
  for (let id = 0; id < 3000; id++) await actor.send({ id, values: [0, 0, 0, 0] })
  expect(lab.buffer(actor).toMimeBundle()['text/plain']).toMatch(/3,000 queued messages[^]*\n +0 +input +0 [^]*\n +9 +input +9 /)
})

test('wrong use is refused in one sentence that says what would be right', () => {
  const message = (run: () => unknown): string => { try { run(); return 'nothing was thrown' } catch (error) { return (error as Error).message } }
  expect(message(() => lab.queues('nobody'))).toBe('There is no ring kernel "nobody": none is running.')
  expect(message(() => lab.buffer({ a: 1 }))).toBe('lab.buffer looks into a unified buffer, a typed array, a DataView, an array of structs, columns, or a ring kernel; this object is none of them.')
  expect(message(() => lab.buffer(new Float32Array(2), 'pie' as 'line'))).toBe('lab.buffer has no view "pie"; it has table, line, histogram, heatmap.')
  expect(message(() => lab.buffer([{ name: 'x' }], 'line'))).toBe('There is no field of numbers to draw; the table shows what there is.')
  expect(message(() => lab.queues().live({ seconds: 0 }))).toBe('lab.queues().live({ seconds }) takes 0 to 86400 seconds, not 0.')
  expect(message(() => lab.buffer(new Float32Array(2)).live())).toBe('This figure shows a moment and cannot live; lab.queues().live() follows the queues.')
  expect(message(() => { lab.magic('two words', () => 1) })).toBe('A magic\'s name is a word of letters, digits, "_" and "-", so "two words" cannot be one.')
})

test('without a host a live figure leaves one picture that the last state replaces', () => {
  record()
  const figure = lab.queues().live({ seconds: 30 })
  expect(shown).toHaveLength(1)
  figure.stop()
  figure.stop()
  expect(shown).toHaveLength(2)
  expect(shown[1]).toMatchObject({ displayId: shown[0]?.displayId, update: true })
  expect(figure.toMimeBundle()).toEqual({ 'text/plain': '' })
})

test('with a host the main thread only posts what to follow, as data that can be cloned, and tells it of changes', async () => {
  record()
  const specs: LiveSpec[] = []
  const told: number[] = []
  let stops = 0
  setLiveHost({ start(spec) { specs.push(structuredClone(spec)); return { rows: (rows) => { told.push(rows.length) }, stop: () => { stops++ } } } })
  const figure = lab.queues().live()
  expect(specs[0]).toMatchObject({ kind: 'queues', seconds: 60, displayId: shown[0]?.displayId, updateDisplayId: shown[1]?.displayId })
  const runtime = new RingKernelRuntime({ device: 'cpu' })
  await runtime.launch(summer)
  expect(told).toContain(1)
  await runtime.shutdown()
  expect(told.at(-1)).toBe(0)
  figure.stop()
  expect(stops).toBe(1)
})

test('lab knows the running cell’s signal and results where a session says them, and is harmless where none does', () => {
  expect(lab.signal.aborted).toBe(false)
  expect(lab.out).toEqual({})
  const controller = new AbortController()
  setCurrentSignal(() => controller.signal)
  setOutputs(() => ({ 3: 'three' }))
  expect(lab.signal).toBe(controller.signal)
  expect(lab.out[3]).toBe('three')
  setCurrentSignal(() => undefined)
  setOutputs(() => ({}))
})

test('an added magic is found by name, and the same name again replaces it', () => {
  lab.magic('hello', () => 1)
  lab.magic('hello', (line) => `Hello, ${line}!`)
  expect(addedMagics().get('hello')?.('you')).toBe('Hello, you!')
})
