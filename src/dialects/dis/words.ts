// What is wrong with a member, in a sentence that names it. The service documents its codes and no
// sentences (docs: "Error Codes": DIS.4200 "Invalid request. %s").

import { BridgeError } from '../../core/errors.ts'
import type { Shape, TextShape } from '../../core/shape.ts'
import type { Finding } from '../shared/check.ts'
import { REFINED } from './encode.ts'

const TYPES: Record<Shape['type'], string> = {
  text: 'a string',
  number: 'a number',
  flag: 'true or false',
  time: 'a number',
  blob: 'a base64 string',
  list: 'a list',
  map: 'an object',
  structure: 'an object',
  any: 'present',
}

export function sayWrongType({ rule, path, shape }: Finding): BridgeError {
  const whole = shape.type === 'number' && shape.whole ? 'a whole number' : TYPES[shape.type]
  const wanted = rule === 'base64' ? 'well-formed base64' : whole
  return new BridgeError('wrong-type', `${showPath(path)} must be ${wanted}.`)
}

/** The first finding: the service names one. */
export function sayBroken([finding]: readonly Finding[]): BridgeError {
  if (!finding) return new BridgeError('internal', 'Nothing was found to be broken')
  const { rule, path, shape } = finding
  if (shape.type === 'list' && (rule === 'required' || rule === 'min')) {
    return new BridgeError('constraint', `${showPath(path)} is empty.`, { as: REFINED.empty })
  }
  return new BridgeError('constraint', `${showPath(path)} ${BROKEN[rule](shape)}.`)
}

function showPath(path: Finding['path']): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${step}`))
    .join('')
}

const BROKEN: Record<Finding['rule'], (shape: Shape) => string> = {
  required: () => 'is required',
  pattern: (shape) => `must match ${(shape as TextShape).pattern ?? ''}`,
  values: (shape) => `must be one of ${((shape as TextShape).values ?? []).join(', ')}`,
  min: (shape) => showLimit(shape, 0),
  max: (shape) => showLimit(shape, 1),
  keys: () => 'has a key that is empty or too long',
  entries: () => 'has a value that is too long',
  type: (shape) => `must be ${TYPES[shape.type]}`,
  base64: () => 'must be well-formed base64',
}

function showLimit(shape: Shape, end: 0 | 1): string {
  const { limits, noun } = limitsOf(shape)
  const relation = end === 0 ? 'at least' : 'at most'
  return `${noun ? 'must have' : 'must be'} ${relation} ${limits[end] ?? 0}${noun}`
}

interface Limited {
  readonly limits: readonly [min: number | undefined, max: number | undefined]
  /** What is counted; nothing where the value itself is limited. */
  readonly noun: string
}

function limitsOf(shape: Shape): Limited {
  switch (shape.type) {
    case 'text':
      return { limits: [shape.charsMin, shape.charsMax], noun: ' characters' }
    case 'list':
      return { limits: [shape.lengthMin, shape.lengthMax], noun: ' elements' }
    case 'map':
      return { limits: [shape.sizeMin, shape.sizeMax], noun: ' entries' }
    case 'blob':
      return { limits: [shape.bytesMin, shape.bytesMax], noun: ' bytes' }
    case 'number':
      return { limits: [shape.min, shape.max], noun: '' }
    default:
      return { limits: [undefined, undefined], noun: '' }
  }
}
