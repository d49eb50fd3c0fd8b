// Comms both ways, with buffers, as messages on the wire.

import { expect, test } from 'vitest'
import { CommTable } from '#ringlab/jupyter/comms.js'
import type { Incoming } from '#ringlab/jupyter/frames.js'
import { Iopub } from '#ringlab/jupyter/iopub.js'
import { Codec } from '#ringlab/jupyter/frames.js'
import { Sender } from '#ringlab/jupyter/sockets.js'

type Frames = (Uint8Array | string)[]

function table(): { comms: CommTable; posted: unknown[]; iopub: Iopub; sent: Frames[] } {
  const posted: unknown[] = [], sent: Frames[] = []
  const iopub = new Iopub(new Sender({ send: frames => { sent.push(frames); return Promise.resolve() } }), new Codec('', 'sha256'))
  return { comms: new CommTable(message => { posted.push(message) }), posted, iopub, sent }
}

const incoming = (content: Record<string, unknown>, buffers: Buffer[] = []): Incoming => ({ identities: [], header: { msg_id: '1', msg_type: 'comm_msg' }, headerText: '{}', metadata: {}, content, buffers })

test('a client\'s comm reaches main with its buffers, and is busy until main took it', async () => {
  const { comms, posted } = table()
  let handled = false
  const waiting = comms.fromClient('open', incoming({ comm_id: 'a', target_name: 't', data: { x: 1 } }, [Buffer.of(1, 2)])).then(() => { handled = true })
  expect(posted).toEqual([{ kind: 'comm', comm: 'open', id: 1, content: { comm_id: 'a', target_name: 't', data: { x: 1 } }, buffers: [Buffer.of(1, 2)] }])
  await Promise.resolve()
  expect(handled).toBe(false)
  comms.onHandled(1)
  await waiting
  expect(comms.info('')).toEqual({ a: { target_name: 't' } })
  expect(comms.info('other')).toEqual({})
})

test('the session\'s comm is published with metadata and buffers, and known until closed', () => {
  const { comms, iopub, sent } = table()
  comms.fromSession(iopub, '{"msg_id":"cell"}', { kind: 'comm', token: 1, comm: 'open', contentText: JSON.stringify({ comm_id: 'w', target_name: 'jupyter.widget', data: {}, metadata: { version: '2.1.0' } }), buffers: [Uint8Array.of(9)] })
  const frames = (sent[0] ?? []).slice(-5)
  expect(JSON.parse(String(frames[1]))).toEqual({ msg_id: 'cell' })
  expect(JSON.parse(String(frames[2]))).toEqual({ version: '2.1.0' })
  expect(JSON.parse(String(frames[3]))).toEqual({ comm_id: 'w', target_name: 'jupyter.widget', data: {} })
  expect(frames[4]).toEqual(Uint8Array.of(9))
  expect(comms.info('jupyter.widget')).toEqual({ w: { target_name: 'jupyter.widget' } })
  comms.fromSession(iopub, '{}', { kind: 'comm', token: 1, comm: 'close', contentText: '{"comm_id":"w","data":{}}', buffers: [] })
  expect(comms.info('')).toEqual({})
})
