// The Jupyter kernel's entry: `node dist/jupyter/main.js CONNECTION_FILE`, as the kernelspec's argv says. Nothing but the start.

import type { OutputSink, Session } from '../session/front-end.js'
import { startKernel } from './kernel.js'

const session = '../session/session.js'
await startKernel(process.argv[2], async sink => {
  const { createSession } = await import(session) as { createSession: (options: { sink: OutputSink; directory: string; notebookPath?: string }) => Promise<Session> }
  const notebookPath = process.env['JPY_SESSION_NAME']
  return createSession({ sink, directory: process.cwd(), ...(notebookPath === undefined ? {} : { notebookPath }) })
})
