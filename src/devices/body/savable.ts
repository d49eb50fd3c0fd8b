// Which bodies that run as the JavaScript they are can be saved: those that keep nothing between messages but their declared state.
import { deviceState, waitsFor, word } from '../../ring/control.js'
import type { LaunchPlan } from '../../runtime/device.js'
import { DeviceError } from '../../runtime/errors.js'

/** @throws DeviceError that says what to write instead. `because` is what keeps the body from being compiled. */
export function requireSavable({ id, definition, block }: LaunchPlan, device: string, because: string): void {
  const at = (index: number): number => Atomics.load(block.arena.words, (block.offset >>> 2) + index)
  const hasBegun = at(word.state) !== deviceState.launched
  if (!hasBegun) return
  if (typeof definition.body === 'function') {
    throw new DeviceError(device, `ring kernel '${id}' cannot be saved: its body is a loop, and with ${because} its variables live in JavaScript, where nobody else can read them. Write it as a handler, { onMessage(message, ctx) { … } }, that keeps what it needs in ctx.state${device === 'host' ? ", or run it with { device: 'cpu' }" : ''}.`)
  }
  if (at(word.waitsFor) === waitsFor.outputRoom) {
    throw new DeviceError(device, `ring kernel '${id}' cannot be saved now: its output ring is full, and what it still has to send lies in JavaScript. Receive its outputs first.`)
  }
}
