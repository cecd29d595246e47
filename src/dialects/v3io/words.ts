// What is wrong with a member, as a sentence for the header beside an InvalidArgumentException: the
// vendor names no member.

import { BridgeError } from '../../core/errors.ts'
import type { Shape } from '../../core/shape.ts'
import type { Finding } from '../shared/check.ts'

const NOUNS: Record<Shape['type'], string> = {
  text: 'a string',
  number: 'an integer',
  flag: 'a boolean',
  time: 'a time',
  blob: 'a string',
  list: 'an array',
  map: 'an object of strings',
  structure: 'an object',
  any: 'anything',
}

function showPath(path: Finding['path']): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${step}`))
    .join('')
}

export function sayWrongType({ path, shape }: Finding): BridgeError {
  return new BridgeError('wrong-type', `${showPath(path)} must be ${NOUNS[shape.type]}`)
}

const RULES: Record<Finding['rule'], string> = {
  type: 'has the wrong type',
  base64: 'is not base64',
  required: 'is missing',
  pattern: 'is no name',
  min: 'is too small',
  max: 'is too large',
  values: 'has an unknown value',
  keys: 'has a bad entry',
  entries: 'has a bad entry',
}

export function sayBroken(findings: readonly Finding[]): BridgeError {
  const said = findings.map(({ path, rule }) => `${showPath(path)} ${RULES[rule]}`)
  return new BridgeError('constraint', said.join('; '))
}
