// Another thread of the session's process: asks the language worker directly, as a front end's own thread does.
import { parentPort } from 'node:worker_threads'
import { askLanguage } from '#ringlab/session/language/client.js'

/** @type {import('#ringlab/session/front-end.js').LanguageQuestions | undefined} */
let questions
parentPort?.on('message', (/** @type {{ port?: import('node:worker_threads').MessagePort }} */ { port }) => {
  if (port) questions = askLanguage(port)
  else void questions?.complete('table.', 6).then(({ matches }) => { parentPort?.postMessage({ texts: matches.map((match) => match.text), at: Date.now() }) })
})
