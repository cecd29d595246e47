// Runs main.ts, and all that it requires, as Jest runs its suites: TypeScript by swc, as CommonJS.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import process from 'node:process'

const require = createRequire(import.meta.url)
const { transformSync } = require('@swc/core')

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    jsc: {
      parser: { syntax: 'typescript', explicitResourceManagement: true },
      target: 'es2022',
    },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  })
  module._compile(code, filename)
}

process.setSourceMapsEnabled(true)
// Sockets that a fault left half open must not keep the process.
process.exit(await require('./main.ts').main(process.argv.slice(2)))
