// A flame graph as one SVG that needs nothing else: a bar for each function, as wide as the time spent in
// it, on top of its caller. Hovering tells names and shares.
//
// * Ours, since what there is either starts the process itself or is a program for a browser; drawing
//   is all that is needed of it.

import type { Frame } from '../shared/cpu-profile.ts'

const WIDTH = 1400
const ROW = 17
const HEAD = 30
/** What is narrower is left out, in parts of the whole. */
const PART_MIN = 0.001
const LETTER = 6.2

/** Whose code it is, by where it lies. */
const COLOURS: readonly (readonly [RegExp, string])[] = [
  [/^\(garbage collector\)/, '#94a3b8'],
  [/\(node:/, '#7dd3fc'],
  [/\((?:core|http|kafka|dialects|telemetry|compression|config|process|console)\//, '#fb923c'],
  [/\(([^/]+|assembly|main|cli)\.ts\)/, '#fb923c'],
  [/\.ts\)|\.[cm]?js\)/, '#86efac'],
]
const NATIVE_COLOUR = '#cbd5e1'

interface Box {
  readonly frame: Frame
  readonly depth: number
  readonly from: number
}

export function flameGraph(root: Frame, title: string): string {
  const boxes: Box[] = []
  collect({ frame: root, depth: 0, from: 0 }, root.us * PART_MIN, boxes)
  const depth = Math.max(...boxes.map((box) => box.depth))
  const height = HEAD + (depth + 1) * ROW + 8
  const size = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="monospace" font-size="10.5">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="8" y="19" font-size="13">${escape(title)}</text>`,
    ...boxes.map((box) => draw(box, root.us, height)),
    '</svg>',
    '',
  ].join('\n')
}

function collect({ frame, depth, from }: Box, usMin: number, into: Box[]): void {
  into.push({ frame, depth, from })
  let at = from
  const children = [...frame.children.values()].sort((a, b) => b.us - a.us)
  for (const child of children) {
    if (child.us < usMin) continue
    collect({ frame: child, depth: depth + 1, from: at }, usMin, into)
    at += child.us
  }
}

function draw({ frame: { name, us, selfUs }, depth, from }: Box, total: number, height: number) {
  const x = (from / total) * WIDTH
  const width = (us / total) * WIDTH
  const y = height - 8 - (depth + 1) * ROW
  const share = (part: number): string => `${((part / total) * 100).toFixed(1)} %`
  const told = `${name}: ${share(us)}, itself ${share(selfUs)}`
  const place = `x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.5, width - 0.5).toFixed(1)}"`
  const bar = `<rect ${place} height="${ROW - 1}" fill="${colourOf(name)}"/>`
  const letters = Math.floor((width - 6) / LETTER)
  const text =
    letters < 3
      ? ''
      : `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escape(name.slice(0, letters))}</text>`
  return `<g><title>${escape(told)}</title>${bar}${text}</g>`
}

function colourOf(name: string): string {
  return COLOURS.find(([pattern]) => pattern.test(name))?.[1] ?? NATIVE_COLOUR
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
