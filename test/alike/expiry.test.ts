// Time to live: a message that waited too long is never handed to a body, and that is counted.
import { ringKernel, struct, u32 } from 'ringlab'
import { alike, within } from './devices.js'

const Value = struct('Value', { v: u32 })
/** Odd messages live for 1 ms, the others for ever. */
const hasty = ringKernel('hasty', { input: Value, output: Value, capacity: 64 }, { onMessage({ v }, ctx) { ctx.send({ v }, { timeToLiveMs: v % 2 }) } })
const atOnce = ringKernel('echo-at-once', { input: Value, output: Value, capacity: 64, parallel: 'messages' }, { onMessage({ v }, ctx) { ctx.send({ v }) } })
const echo = ringKernel('echo', { input: Value, output: Value, capacity: 64 }, { onMessage({ v }, ctx) { ctx.send({ v }) } })

/** Until the clock has moved on by more than any time to live here. */
async function later(): Promise<void> {
  const until = performance.now() + 20
  while (performance.now() < until) await new Promise((resolve) => { setTimeout(resolve, 5) })
}

alike('expiry', [
  {
    name: 'what expired in a ring between ring kernels is given back, and counted, and the others arrive in order',
    async run({ runtime }) {
      const [from, to] = [await runtime.spawn(hasty), await runtime.launch(echo)]
      await runtime.connect(from, to)
      await from.sendBatch(Array.from({ length: 40 }, (_, v) => ({ v })), within)
      while (from.telemetry().processed < 40) await later()
      await later()
      await to.activate()
      const outputs = await Promise.all(Array.from({ length: 20 }, () => to.receive(within)))
      // Outputs and letters travel apart.
      while (to.telemetry().processed < 20 || to.telemetry().deadLetters < 20) await later()
      const { expired, processed, errors } = to.telemetry()
      return [outputs.map(({ v }) => v), expired, processed, errors, to.telemetry().deadLetters]
    },
    expected: [Array.from({ length: 20 }, (_, i) => 2 * i), 20, 20, 0, 20],
  },
  {
    name: 'one that takes many messages at once is given none that expired, and each of those is a dead letter',
    async run({ runtime }) {
      const actor = await runtime.launch(atOnce)
      await Promise.all(Array.from({ length: 40 }, (_, v) => actor.send({ v }, { timeToLiveMs: v % 2 })))
      await later()
      await actor.activate()
      const outputs = await Promise.all(Array.from({ length: 20 }, () => actor.receive(within)))
      while (actor.deadLetters.size < 20) await later()
      const { expired, processed, deadLetters } = actor.telemetry()
      return [outputs.map(({ v }) => v), expired, processed, deadLetters, [...actor.deadLetters].map(({ reason, message }) => [reason, (message as { v: number }).v]).sort(([, a], [, b]) => Number(a) - Number(b))]
    },
    expected: [Array.from({ length: 20 }, (_, i) => 2 * i), 20, 20, 20, Array.from({ length: 20 }, (_, i) => ['expired', 2 * i + 1])],
  },
])
