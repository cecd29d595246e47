// Sums by two labels, kept in rows and told when somebody asks. prom-client's own counters look their
// labels up anew for each value, which for a single record costs as much as decoding it.

import { Counter, type Registry } from 'prom-client'

/** A row for each pair of labels, made when it is first asked for. */
export interface Rows<Row> {
  readonly of: (first: string, second: string) => Row
  readonly all: () => readonly Row[]
}

export function createRows<Row>(make: (first: string, second: string) => Row): Rows<Row> {
  const groups = new Map<string, Map<string, Row>>()
  return {
    of(first, second) {
      let group = groups.get(first)
      if (!group) groups.set(first, (group = new Map<string, Row>()))
      let row = group.get(second)
      if (row === undefined) group.set(second, (row = make(first, second)))
      return row
    },
    all: () => [...groups.values()].flatMap((group) => [...group.values()]),
  }
}

type Labels = Readonly<Record<string, string | number>>

export interface Sum {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly values: () => Iterable<readonly [labels: Labels, value: number]>
}

/** Has the registry tell a sum as a counter. */
export function tellSum(registry: Registry, { name, help, labelNames, values }: Sum): void {
  const counter: Counter = new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      counter.reset()
      for (const [labels, value] of values()) counter.inc(labels, value)
    },
  })
}
