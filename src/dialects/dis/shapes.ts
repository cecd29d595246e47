// Shapes that tables of several operations use.

import type { Shape, StructureShape } from '../../core/shape.ts'

export function structure(members: Record<string, Shape>, name?: string): StructureShape {
  return { type: 'structure', members, ...(name !== undefined && { name }) }
}

export const TEXT = { type: 'text' } as const
export const NUMBER = { type: 'number' } as const
export const FLAG = { type: 'flag' } as const
export const IGNORED = { type: 'any', about: 'Taken and not kept.' } as const
export const MUST = { required: true } as const
export const OPTIONAL = { type: 'text', emptyIsAbsent: true } as const

export const PROJECT = {
  project_id: { ...TEXT, ...MUST, about: 'The tenant: part of the path.' },
} as const
export const STREAM = {
  ...PROJECT,
  stream_name: { ...OPTIONAL, required: { unless: 'stream_id' } },
  stream_id: { ...OPTIONAL, about: 'Tried where no stream has the name.' },
} as const satisfies Record<string, Shape>

export const TAG: StructureShape = structure(
  {
    key: { ...TEXT, ...MUST, charsMin: 1, charsMax: 36 },
    value: { ...TEXT, charsMax: 43 },
  },
  'Tag',
)

export const TAGS = { type: 'list', of: TAG } as const satisfies Shape

/** A partition's id or a sequence number: clients send either JSON type. */
export const TEXT_OR_NUMBER = { type: 'any' } as const satisfies Shape
