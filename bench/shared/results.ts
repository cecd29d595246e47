// Results as files under bench/results/, and on standard output.

import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

export interface Terms {
  readonly seconds: number
  readonly rounds: number
  /** The machine's, when it began. */
  readonly load: number
  readonly short: boolean
}

export function machine() {
  return {
    cores: cpus().length,
    model: cpus()[0]?.model ?? '',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  }
}

/** What the figures below it were measured on, and how. */
export function headOf({ load, rounds, seconds }: Omit<Terms, 'short'>): string {
  const { cores, model, node } = machine()
  return (
    `${cores} cores (${model}), Node ${node}, load ${load.toFixed(1)} at the start; ` +
    `${rounds} rounds of ${seconds} s after warming up; median (least–most).`
  )
}

export interface Result {
  /** The repository's folder. */
  readonly root: string
  readonly name: string
  readonly head: string
  readonly markdown: string
  readonly data: object
}

export function writeResult({ root, name, head, markdown, data }: Result): void {
  const folder = join(root, 'bench', 'results')
  const page = `${head}\n\n${markdown}`
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.md`), page)
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(data, null, 2)}\n`)
  process.stdout.write(page)
}
