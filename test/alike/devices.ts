// The conformance suite's frame: one table of cases a topic, and every case runs on every device with the same expected value. The GPU is the
// simulated driver; a case that a device cannot run says why, and that sentence is the test's name, so that nothing is left out in silence.
import { expectNothingLeft } from '../cuda/simulated.js'
import { afterEach, describe, expect, test } from 'vitest'
import { RingKernelRuntime, type Device } from 'ringlab'

export const devices = ['cpu', 'host', 'cuda'] as const
export type DeviceName = (typeof devices)[number]

export interface Bench {
  readonly device: DeviceName
  /** Shut down after the case, whatever happened; its default device is the case's. */
  readonly runtime: RingKernelRuntime
  /** Another runtime, likewise. */
  readonly open: (options?: ConstructorParameters<typeof RingKernelRuntime>[0]) => RingKernelRuntime
}

export interface Case {
  readonly name: string
  /** What the case comes to: the same on every device. */
  run(bench: Bench): Promise<unknown>
  readonly expected: unknown
  /** Devices that cannot run the case, and why. */
  readonly not?: Readonly<Partial<Record<DeviceName, string>>>
}

/** Bound of every wait of a case: ample, since a busy machine only takes longer. */
export const within = { timeoutMs: 20_000 } as const

let opened: RingKernelRuntime[] = []

/** Runs a topic's cases on every device. Call it once in the topic's test file. */
export function alike(topic: string, cases: readonly Case[]): void {
  afterEach(async () => {
    const closing = opened
    opened = []
    await Promise.all(closing.map((runtime) => runtime.shutdown()))
    expectNothingLeft()
  })
  describe(topic, () => {
    for (const each of cases) {
      for (const device of devices) {
        const reason = each.not?.[device]
        if (reason !== undefined) test.skip(`${each.name}, not on ${device}: ${reason}`, () => undefined)
        else test(`${each.name}, on ${device}`, async () => { expect(await each.run(bench(device))).toEqual(each.expected) })
      }
    }
  })
}

/** What a test outside the table of cases runs on; it ends after the test, as those of the cases do. */
export function bench(device: DeviceName): Bench {
  const open: Bench['open'] = (options) => {
    const runtime = new RingKernelRuntime({ device: device satisfies Device, ...options })
    opened.push(runtime)
    return runtime
  }
  return { device, open, runtime: open() }
}

/** The sentence a call is refused with, or what it came to when it was not. */
export async function refusal(call: () => unknown): Promise<string> {
  try { return `not refused: ${String(await call())}` } catch (error) { return (error as Error).message }
}
