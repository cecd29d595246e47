// Shapes that several tables of operations use.

import type { Need } from '../../core/principals.ts'
import type { Shape, StructureShape, TextShape } from '../../core/shape.ts'

export const NAME: TextShape = {
  type: 'text',
  pattern: '[a-zA-Z0-9_.-]+',
  charsMin: 1,
  charsMax: 128,
}

export const SEQUENCE_NUMBER = '0|([1-9]\\d{0,128})'
export const TIMESTAMP: Shape = { type: 'time' }
export const POSITIVE_TO_10000 = { type: 'number', min: 1, max: 10_000 } as const
export const PAGE_TOKEN = { type: 'text', charsMin: 1, charsMax: 1_048_576 } as const

export const STREAM_ARN: TextShape = {
  type: 'text',
  about: 'Instead of StreamName, or beside it.',
  pattern: 'arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+',
  charsMin: 1,
  charsMax: 2048,
}

export const TEXT = { type: 'text' } as const
export const NUMBER = { type: 'number' } as const
export const FLAG = { type: 'flag' } as const
export const MUST = { required: true } as const
/** Reserved by the vendor, and ignored. */
export const RESERVED = { type: 'any' } as const

export function structure(members: Record<string, Shape>): StructureShape {
  return { type: 'structure', members }
}

export function list(members: Record<string, Shape>, name?: string): Shape {
  return { type: 'list', of: { ...structure(members), ...(name !== undefined && { name }) } }
}

export interface OperationShapes {
  readonly about: string
  readonly action: Need
  readonly input: StructureShape
  readonly output?: StructureShape
}
