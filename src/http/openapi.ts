// OpenAPI 3.1 documents from the dialects' tables. A call is described in its normal form, after
// its dialect has decoded it: POST /{dialect}/{operation} with a JSON body.

import type { Dialect, Operation } from '../core/dialect.ts'
import type { Shape, StructureShape } from '../core/shape.ts'

type Json = Readonly<Record<string, unknown>>

/** The name of the format of base64 text that decodes to at most so many bytes. */
export function blobFormat({ bytesMax }: { readonly bytesMax?: number }): string {
  return bytesMax === undefined ? 'base64' : `base64-${bytesMax}`
}

function defined(members: Json): Json {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

type Schemas = { readonly [T in Shape['type']]: (shape: Extract<Shape, { type: T }>) => Json }

const SCHEMAS: Schemas = {
  text: ({ pattern, charsMin, charsMax, values, emptyIsAbsent }) => ({
    type: 'string',
    pattern: pattern === undefined ? undefined : `^(?:${pattern})$`,
    minLength: charsMin ?? (emptyIsAbsent ? 1 : undefined),
    maxLength: charsMax,
    enum: values,
  }),
  number: ({ whole, min, max }) => ({
    type: whole ? 'integer' : 'number',
    minimum: min ?? (whole ? Number.MIN_SAFE_INTEGER : undefined),
    maximum: max ?? (whole ? Number.MAX_SAFE_INTEGER : undefined),
  }),
  flag: () => ({ type: 'boolean' }),
  time: () => ({ type: 'number', description: 'Seconds since 1970.' }),
  blob: (shape) => ({
    type: 'string',
    contentEncoding: 'base64',
    format: shape.failsInPlace ? undefined : blobFormat(shape),
  }),
  list: ({ of, lengthMin, lengthMax }) => ({
    type: 'array',
    items: schemaOf(of),
    minItems: lengthMin,
    maxItems: lengthMax,
  }),
  map: ({ keyCharsMax, valueCharsMax, sizeMin, sizeMax }) => ({
    type: 'object',
    propertyNames: defined({ minLength: 1, maxLength: keyCharsMax }),
    additionalProperties: defined({ type: 'string', maxLength: valueCharsMax }),
    minProperties: sizeMin,
    maxProperties: sizeMax,
  }),
  structure: structureSchema,
  any: () => ({}),
}

/** The JSON Schema of a shape. */
function schemaOf(shape: Shape): Json {
  const make = SCHEMAS[shape.type] as (shape: Shape) => Json
  return defined({ description: shape.about, ...make(shape) })
}

function structureSchema({ members }: StructureShape): Json {
  const entries = Object.entries(members)
  const required = entries.filter(([, { required: must }]) => must === true).map(([name]) => name)
  const alternatives = entries.flatMap(([name, { required: must }]) =>
    typeof must === 'object' ? [eitherOf(name, must.unless, members)] : [],
  )
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, shape]) => [name, memberSchema(shape)])),
    required: required.length > 0 ? required : undefined,
    allOf: alternatives.length > 0 ? alternatives : undefined,
  }
}

/** Clients send null, and some the empty text, for a member that they leave out. */
function memberSchema(shape: Shape): Json {
  const schema = schemaOf(shape)
  // Whatever it is, it must be there.
  if (shape.required === true && shape.type === 'any') {
    return { ...schema, not: { enum: absentValues(shape) } }
  }
  if (shape.required === true || shape.type === 'any') return schema
  const absent: Json[] = [{ type: 'null' }, ...(shape.emptyIsAbsent ? [{ const: '' }] : [])]
  return { anyOf: [schema, ...absent] }
}

function eitherOf(name: string, other: string, members: StructureShape['members']): Json {
  const present = (each: string): Json => ({
    required: [each],
    properties: { [each]: { not: { enum: absentValues(members[each]) } } },
  })
  return { anyOf: [present(name), present(other)] }
}

function absentValues(shape: Shape | undefined): unknown[] {
  return shape?.emptyIsAbsent ? [null, ''] : [null]
}

function pathItem(name: string, { about, input, output }: Operation): Json {
  return {
    post: {
      operationId: name,
      summary: about,
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(input) } } },
      responses: {
        200: output
          ? { description: about, content: { 'application/json': { schema: schemaOf(output) } } }
          : { description: 'Done; the body is empty.' },
        default: { description: 'A failure in the vendor’s words.' },
      },
    },
  }
}

/** The document of some dialects; several make the one that the service validates with. */
export function openApiOf(dialects: readonly Dialect[], version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: `Tributary: ${dialects.map(({ name }) => name).join(', ')}`,
      version,
      description:
        'Calls in their normal form: what a dialect makes of a request once its encoding is undone.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: Object.fromEntries(
      dialects.flatMap(({ name, operations }) =>
        Object.entries(operations).map(([operation, each]) => [
          `/${name}/${operation}`,
          pathItem(`${name}.${operation}`, each),
        ]),
      ),
    ),
  }
}

/** All sizes of blobs that the dialects' inputs limit. */
export function blobLimits(dialects: readonly Dialect[]): number[] {
  const limits = new Set<number>()
  const collect = (shape: Shape): void => {
    if (shape.type === 'blob' && shape.bytesMax !== undefined) limits.add(shape.bytesMax)
    if (shape.type === 'list') collect(shape.of)
    if (shape.type === 'structure') Object.values(shape.members).forEach(collect)
  }
  for (const { operations } of dialects) {
    for (const { input } of Object.values(operations)) collect(input)
  }
  return [...limits]
}
