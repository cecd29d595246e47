// CPU per record as bars, one group a workload: an SVG without any library. Bars are logarithmic, since
// what is compared lies up to a thousandfold apart.

import { median, unique } from '../shared/tables.ts'
import type { Run } from './measure.ts'

const WIDTH = 760
const LABEL = 150
const BAR = 16
const GAP = 22
const COLOURS = ['#c2410c', '#64748b', '#0284c7', '#94a3b8', '#cbd5e1', '#a8a29e', '#d6d3d1']

export function plot(runs: readonly Run[], workloads: readonly string[]): string {
  const subjects = unique(runs.map(({ subject }) => subject))
  const most = Math.max(1, ...runs.map(({ cpuUs }) => cpuUs))
  const scale = (WIDTH - LABEL - 90) / Math.log10(1 + most)
  const parts: string[] = []
  let y = 30
  for (const workload of workloads) {
    const those = runs.filter((run) => run.workload === workload)
    if (those.length === 0) continue
    parts.push(text(8, y, workload, 'bold'))
    for (const [i, subject] of subjects.entries()) {
      const rounds = those.filter((run) => run.subject === subject)
      if (rounds.length === 0) continue
      const value = median(rounds.map(({ cpuUs }) => cpuUs))
      const length = Math.max(1, Math.log10(1 + value) * scale)
      const colour = COLOURS[i % COLOURS.length] ?? ''
      parts.push(text(30, y + 16, subject, 'normal'))
      parts.push(rectangle({ x: LABEL, y: y + 4, length, colour }))
      parts.push(text(LABEL + length + 6, y + 16, value.toFixed(value < 100 ? 1 : 0), 'normal'))
      y += BAR + 4
    }
    y += GAP
  }
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" font-family="sans-serif" font-size="12">`
  const title = text(8, 14, 'CPU of the server, µs per record (logarithmic)', 'normal')
  const ground = `<rect width="${WIDTH}" height="${y}" fill="#fff"/>`
  return [head, ground, title, ...parts, '</svg>', ''].join('\n')
}

interface Bar {
  readonly x: number
  readonly y: number
  readonly length: number
  readonly colour: string
}

function rectangle({ x, y, length, colour }: Bar): string {
  return `<rect x="${x}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" fill="${colour}"/>`
}

function text(x: number, y: number, words: string, weight: string): string {
  return `<text x="${x.toFixed(0)}" y="${y}" font-weight="${weight}">${words}</text>`
}
