// The console of a worker that runs bodies: whole lines go to whoever launched the body.
import { Console } from 'node:console'
import { Writable } from 'node:stream'

/** A console whose lines, without their ends, are given to `log`. */
export function bodyConsole(log: (line: string) => void): Console {
  let partial = ''
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      const whole = (partial + text).split('\n')
      partial = whole.pop() ?? ''
      for (const line of whole) log(line)
      done()
    },
  })
  return new Console({ stdout: stream, stderr: stream, colorMode: false })
}
