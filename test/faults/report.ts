// The tables, in Markdown, so that they can stand in the documentation as they are.

import { sumUp, violations, type Account, type Doubt } from './ledger.ts'
import type { Manners } from './traffic.ts'

export interface Findings {
  readonly accounts: ReadonlyMap<string, Account>
  readonly manners: ReadonlyMap<string, Manners>
  readonly strangers: number
  readonly complaints: readonly string[]
  /** Of the largest instance, in bytes. */
  readonly rssPeak: number | undefined
  readonly faults: readonly string[]
  readonly notRun: readonly string[]
}

/** What must not be: a line each; none when all is well. */
export function failuresIn({ accounts, manners, strangers, complaints }: Findings): string[] {
  const wrong = [...accounts].flatMap(([dialect, account]) =>
    violations(account).map((line) => `${dialect}: ${line}`),
  )
  const rude = [...manners].flatMap(([dialect, { strange }]) =>
    [...new Set(strange)].map((line) => `${dialect}: an answer that must not be: ${line}`),
  )
  const strange = strangers > 0 ? [`${strangers} records in the log that nobody submitted`] : []
  const silent = [...accounts]
    .filter(([, { acknowledged }]) => acknowledged === 0)
    .map(([dialect]) => `${dialect}: nothing was acknowledged`)
  return [...wrong, ...rude, ...strange, ...silent, ...complaints]
}

export function describe(findings: Findings): string {
  const { accounts, manners, faults, rssPeak } = findings
  const total = sumUp([...accounts.values()])
  const longest = Math.max(...[...manners.values()].map(({ longestMs }) => longestMs))
  const rows = [...accounts, ['all', total] as const]
  const main = rows.map(([name, account]) => {
    const longestMs = manners.get(name)?.longestMs ?? longest
    return [name, ...mainCells(account), (longestMs / 1000).toFixed(1)]
  })
  const resent = rows.map(([name, account]) => [name, ...resentCells(account)])
  return [
    table(MAIN, main),
    table(RESENT, resent),
    `Faults: ${faults.length} (${counted(faults)})`,
    `Memory of the service, peak: ${rssPeak === undefined ? 'not measured' : mebibytes(rssPeak)}`,
  ].join('\n\n')
}

const MAIN = [
  ...['dialect', 'submitted', 'acknowledged', 'lost', 'doubled', 'wrong place', 'inversions'],
  ...['denied', 'denied but stored', 'unknown: stored / not / late', 'longest call, s'],
]

function mainCells(account: Account): (string | number)[] {
  const { submitted, acknowledged, lost, doubled, misplaced, inverted, denied, belied } = account
  const open = `${account.openStored} / ${account.openAbsent} / ${account.openLate}`
  return [submitted, acknowledged, lost, doubled, misplaced, inverted, denied, belied, open]
}

const RESENT = [
  'sent again: records / doubled / inverted',
  'after unknown',
  'after a reply never read',
  'across the end of an instance',
]

function resentCells({ resent }: Account): string[] {
  const doubts: Doubt[] = ['unknown', 'unread', 'instance']
  return doubts.map((doubt) => {
    const { records, doubled, inverted } = resent[doubt]
    return `${records} / ${doubled} / ${inverted}`
  })
}

export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function counted(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ')
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}
