// Sizes: what a shape's limits count, and whether a value is within them.

import type { Shape } from '../../core/shape.ts'
import { decodeBase64 } from './base64.ts'

/** A size is counted only where it is limited: some cost as much as what is counted. */
export function brokenSize(shape: Shape, value: unknown): 'min' | 'max' | undefined {
  const { least = -Infinity, most = Infinity } = limitsOf(shape)
  if (least === -Infinity && most === Infinity) return undefined
  const is = sizeOf(shape, value)
  if (is < least) return 'min'
  return is > most ? 'max' : undefined
}

interface Limits {
  readonly least?: number | undefined
  readonly most?: number | undefined
}

const UNLIMITED: Limits = {}

function limitsOf(shape: Shape): Limits {
  switch (shape.type) {
    case 'text':
      return { least: shape.charsMin, most: shape.charsMax }
    case 'number':
      return { least: shape.min, most: shape.max }
    case 'blob':
      return { least: shape.bytesMin, most: shape.bytesMax }
    case 'list':
      return { least: shape.lengthMin, most: shape.lengthMax }
    case 'map':
      return { least: shape.sizeMin, most: shape.sizeMax }
    default:
      return UNLIMITED
  }
}

/** What a shape's limits count. */
function sizeOf(shape: Shape, value: unknown): number {
  switch (shape.type) {
    case 'text':
      return charsOf(value as string)
    case 'number':
      return value as number
    case 'blob':
      return blobBytes(value)
    case 'list':
      return (value as unknown[]).length
    case 'map':
      return Object.keys(value as object).length
    default:
      return 0
  }
}

/** Bytes of a blob, decoded or still base64 text. */
export function blobBytes(value: unknown): number {
  if (typeof value !== 'string') return (value as Buffer).length
  return decodeBase64(value)?.length ?? 0
}

/** Characters as vendors count them: Unicode code points. */
export function charsOf(text: string): number {
  let chars = text.length
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      chars--
    }
  }
  return chars
}
