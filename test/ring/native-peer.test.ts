// A thread in C++ on the other end of the ring: what JavaScript writes, it reads by the layout alone, and the other way round.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Arena } from '#ringlab/ring/arena.js'
import { allocateActor, inputRing, outputRing } from '#ringlab/ring/block.js'
import { word } from '#ringlab/ring/control.js'
import { ENVELOPE_BYTES, readCorrelation, writeEnvelope } from '#ringlab/ring/envelope.js'
import { RingConsumer, RingProducer } from '#ringlab/ring/ring.js'
import { array, f32, i64, struct, u16, u32, type Infer } from 'ringlab'
import { structCodec } from '#ringlab/schema/index.js'

const Message = struct('Message', { small: u16, id: u32, big: i64, values: array(f32, 11) })
const source = fileURLToPath(new URL('native-peer.cpp', import.meta.url))

function loadPeer(): { start: (control: unknown, memory: unknown) => void; join: () => number } {
  const folder = mkdtempSync(join(tmpdir(), 'ringlab-peer-'))
  mkdirSync(folder, { recursive: true })
  const library = join(folder, 'peer.so')
  execFileSync('g++', ['-std=c++17', '-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-pthread', source, '-o', library])
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
  const loaded = koffi.load(library)
  return { start: loaded.func('void start(void *control, void *memory)') as never, join: loaded.func('int join_peer()') as never }
}

test.each([0, 2 ** 31 - 100, 2 ** 32 - 100])('a native thread echoes 50,000 messages through both rings, none lost or torn, with indices from %i', (firstIndex) => {
  const peer = loadPeer()
  const codec = structCodec(Message)
  expect(codec.bytes).toBe(64)
  const block = allocateActor(new Arena(), { inputCapacity: 64, inputBytes: codec.bytes, outputCapacity: 32, outputBytes: codec.bytes, stateBytes: 0, firstIndex })
  const { memory, words } = block.arena
  const [producer, consumer] = [new RingProducer(inputRing(block.arena, block.offset)), new RingConsumer(outputRing(block.arena, block.offset))]
  const bound = codec.bind(memory)
  peer.start(new Uint8Array(memory, block.offset, 4096), new Uint8Array(memory))
  const messages = 50_000
  const deadline = performance.now() + 20_000
  let [sent, received] = [0, 0]
  const broken: number[] = []
  while (received < messages) {
    if (performance.now() > deadline) throw new Error(`only ${received} of ${messages} came back in time`)
    while (sent < messages && producer.hasRoom(1)) {
      const slot = producer.slot(0)
      bound.write(slot + ENVELOPE_BYTES, { small: sent & 0xffff, id: sent, big: BigInt(sent) * -3n, values: new Float32Array(11).fill(sent / 2) })
      writeEnvelope(words, slot, sent, 1, sent, 7, 128, sent)
      producer.publish(1)
      sent++
    }
    while (consumer.available() > 0) {
      const slot = consumer.slot(0)
      // The peer adds one to the id, so that it must have read and written the field where C++ has it.
      const { small, id, big, values } = bound.read(slot + ENVELOPE_BYTES) as Infer<typeof Message>
      const isWhole = small === (received & 0xffff) && id === received + 1 && big === BigInt(received) * -3n && values.every((v) => v === received / 2)
      if (!isWhole || readCorrelation(words, slot) !== ((7n << 32n) | BigInt(received))) broken.push(received)
      consumer.release(1)
      received++
    }
  }
  expect(broken).toEqual([])
  Atomics.store(words, (block.offset >>> 2) + word.command, 3)
  expect(peer.join()).toBe(messages)
  expect(Atomics.load(words, (block.offset >>> 2) + word.state)).toBe(4)
})
