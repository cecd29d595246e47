// Tables in Markdown: the middle of the rounds, the least and the most in brackets.

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, i) => Math.max(3, ...all.map((row) => (row[i] ?? '').length)))
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |\n`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |\n`
  return [line(head), rule, ...rows.map(line)].join('')
}

/** The middle, with the least and the most in brackets. */
export function spread(values: readonly number[], digits: number): string {
  const text = (value: number): string => value.toFixed(digits)
  if (values.every((value) => value === 0)) return '–'
  return `${text(median(values))} (${text(Math.min(...values))}–${text(Math.max(...values))})`
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
}

export function unique(values: readonly string[]): string[] {
  return [...new Set(values)]
}
