// How this Jupyter kernel introduces itself: the content of kernel_info_reply. Facts only; each feature named here works.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { protocolVersion } from './frames.js'

const require = createRequire(import.meta.url)

/** JSON of kernel_info_reply's content. */
export function kernelInfo(): string {
  const ringlab = versionOf(new URL('../../package.json', import.meta.url)), typescript = versionOf(require.resolve('typescript/package.json'))
  return JSON.stringify({
    status: 'ok',
    protocol_version: protocolVersion,
    implementation: 'ringlab',
    implementation_version: ringlab,
    language_info: {
      name: 'typescript', version: typescript, mimetype: 'application/typescript', file_extension: '.ts',
      pygments_lexer: 'typescript', codemirror_mode: 'typescript', nbconvert_exporter: 'script',
    },
    banner: `ringlab ${ringlab}: TypeScript ${typescript} on Node ${process.versions.node}. ?name shows help, %lsmagic lists the magics.`,
    debugger: false,
    supported_features: [],
    help_links: [
      { text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/intro.html' },
      { text: 'Node.js API', url: `https://nodejs.org/docs/latest-v${process.versions.node.split('.')[0]}.x/api/` },
    ],
  })
}

function versionOf(file: URL | string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
