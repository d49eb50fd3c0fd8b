// The Jupyter kernel's entry: `node dist/jupyter/main.js CONNECTION_FILE`, as the kernelspec's argv says. Nothing but the start.

import { startKernel } from './kernel.js'

await startKernel(process.argv[2], async sink => {
  // Loaded after the wire worker was started, so that both come up together.
  const { createSession } = await import('../session/session.js')
  const notebookPath = process.env['JPY_SESSION_NAME']
  return createSession({ sink, directory: process.cwd(), ...(notebookPath === undefined ? {} : { notebookPath }) })
})
