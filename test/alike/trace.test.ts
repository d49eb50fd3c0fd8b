// lab.trace(): which message led to which, on every device, between devices and in the GPU's own rings; and what it costs.
import { lab, messageUuid, ringKernel, struct, u32, type TraceEvent, type TraceOptions } from 'ringlab'
import { afterEach } from 'vitest'
import { alike, refusal, within, type DeviceName } from './devices.js'

const Value = struct('TracedValue', { v: u32 })
const first = ringKernel('trace-first', { input: Value, output: Value, ports: { side: Value }, capacity: 32 }, {
  onMessage({ v }, ctx) { ctx.send({ v: v + 1 }); if (v === 5) ctx.ports.side.send({ v: 50 }) },
})
const second = ringKernel('trace-second', { input: Value, output: Value, capacity: 32 }, async (ctx) => {
  for (;;) { const { v } = await ctx.receive(); await ctx.send({ v: v * 2 }) }
})
const partner: Record<DeviceName, DeviceName> = { cpu: 'host', host: 'cpu', cuda: 'cpu' }

afterEach(() => { lab.trace('off') })

/** As `one send two one1 < host1`: who, what, to whom, and which message of whose; and which one led to it. */
function told(events: readonly TraceEvent[]): string[] {
  const [names, counts] = [new Map<bigint, string>(), new Map<string, number>()]
  for (const { kind, by, message } of events) {
    if (kind === 'receive' || names.has(message)) continue
    counts.set(by, (counts.get(by) ?? 0) + 1)
    names.set(message, `${by}${counts.get(by) ?? 0}`)
  }
  return events.map(({ kind, by, with: other, message, cause }) => `${by} ${kind} ${other} ${names.get(message) ?? '?'}${cause === undefined ? '' : ` < ${names.get(cause) ?? '?'}`}`)
}

/** Looks until there are so many events. */
async function events(count: number): Promise<readonly TraceEvent[]> {
  const end = performance.now() + 20_000
  for (;;) {
    const found = lab.trace().events
    if (found.length >= count || performance.now() > end) return found
    await new Promise((next) => { setImmediate(next) })
  }
}

alike('trace', [
  ...(['one device', 'two devices'] as const).map((where) => ({
    name: `each message with who sent it, who received it and what led to it, on ${where}`,
    async run({ runtime, device }: Parameters<Parameters<typeof alike>[1][number]['run']>[0]) {
      const [one, two, side] = [await runtime.spawn(first, { id: 'one' }), await runtime.spawn(second, { id: 'two', device: where === 'one device' ? device : partner[device] }), await runtime.spawn(second, { id: 'side' })]
      await one.send({ v: 99 }, within)
      await one.receive(within)
      await Promise.all([runtime.connect(one, two), runtime.connect(one.ports.side, side)])
      await lab.trace('on').ready
      await one.send({ v: 5 }, within)
      await two.receive(within)
      await side.receive(within)
      const found = told(await events(10))
      // What two and side do is in no order between them, nor with what one sends next.
      return [found.slice(0, 2), found.slice(2).sort()]
    },
    expected: [['host enqueue one host1', 'one receive host host1'],
      ['one send two one1 < host1', 'one send side one2 < host1', 'host receive side side1', 'host receive two two1', 'side receive one one2', 'side send host side1 < one2', 'two receive one one1', 'two send host two1 < one1'].sort()],
  })),
  {
    name: 'a cause comes before what it led to, and every time after its cause\'s',
    async run({ runtime, device }) {
      const [one, two] = [await runtime.spawn(first, { id: 'one' }), await runtime.spawn(second, { id: 'two', device: partner[device] })]
      await runtime.connect(one, two)
      await lab.trace('on').ready
      for (let i = 0; i < 20; i++) { await one.send({ v: 100 + i }, within); await two.receive(within) }
      const found = await events(120)
      const at = (kind: string, id: bigint | undefined): number => found.findIndex((event) => event.message === id && (event.kind === kind || (kind === 'send' && event.kind === 'enqueue')))
      const late = found.filter((event, i) => event.kind === 'receive' ? at('send', event.message) > i : event.cause !== undefined && at('receive', event.cause) > i)
      const early = found.filter(({ cause, atNs }) => cause !== undefined && (found[at('send', cause)] as TraceEvent).atNs >= atNs)
      return [found.length, found.filter(({ cause }) => cause !== undefined).length, late.length, device === 'cuda' ? 0 : early.length, lab.trace().missed]
    },
    expected: [120, 40, 0, 0, 0],
  },
  {
    name: 'the latest events are kept, and the table shows as many as it is asked for, at 80 columns',
    async run({ runtime }) {
      const one = await runtime.spawn(second, { id: 'one' })
      await lab.trace('on', { capacity: 12 }).ready
      for (let i = 0; i < 5; i++) { await one.send({ v: i }, within); await one.receive(within) }
      await events(12)
      const end = performance.now() + 20_000
      while (!/8 older events/.test(String(lab.trace().toMimeBundle()['text/plain'])) && performance.now() < end) await new Promise((next) => { setImmediate(next) })
      const all = lab.trace().events
      const text = String(lab.trace(3).toMimeBundle()['text/plain'])
      const id = messageUuid((all.at(-1) as TraceEvent).message)
      return [all.length, text.split('\n')[0], /8 older events are kept no more/.test(text), text.includes(id.slice(-8)), Math.max(...text.split('\n').map((line) => line.length)) <= 80, 'text/html' in lab.trace().toMimeBundle()]
    },
    expected: [12, 'trace: 3 events, on', true, true, true, true],
  },
  {
    name: 'off keeps what there is, and adds nothing',
    async run({ runtime }) {
      const one = await runtime.spawn(second, { id: 'one' })
      await lab.trace('on').ready
      await one.send({ v: 1 }, within)
      await one.receive(within)
      const before = (await events(4)).length
      lab.trace('off')
      await one.send({ v: 1 }, within)
      await one.receive(within)
      return [before, lab.trace().events.length, lab.trace().isOn]
    },
    expected: [4, 4, false],
  },
  {
    name: 'refusals',
    async run() {
      return [await refusal(() => lab.trace('of' as 'off')), await refusal(() => lab.trace(0)), await refusal(() => lab.trace('on', { capacity: 0 })), await refusal(() => lab.trace('on', { size: 1 } as TraceOptions))]
    },
    expected: [
      "lab.trace(what) takes 'on', 'off' or how many events to show, but was given of.", "lab.trace(what) takes 'on', 'off' or how many events to show, but was given 0.",
      'a trace keeps 1 to 1048576 events, not 0', 'lab.trace("on"): there is no option \'size\'; lab.trace(\'on\') has capacity.',
    ],
  },
])
