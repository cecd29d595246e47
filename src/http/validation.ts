// express-openapi-validator over the documents made from the dialects' tables. It sees calls in
// their normal form only. Its findings are never shown: `check` says them in the vendor's words.

import type { RequestHandler } from 'express'
import { middleware } from 'express-openapi-validator'
import type { OpenAPIV3 } from 'express-openapi-validator/dist/framework/types.js'
import type { Dialect } from '../core/dialect.ts'
import { base64Bytes, decodeBase64 } from '../dialects/shared/base64.ts'
import { blobFormat, blobLimits, openApiOf } from './openapi.ts'

/** A format per limit: one decode says both whether text is base64 and how long its bytes are. */
function blobFormats(dialects: readonly Dialect[]) {
  const limits = [undefined, ...blobLimits(dialects)]
  return Object.fromEntries(
    limits.map((bytesMax) => [
      blobFormat(bytesMax === undefined ? {} : { bytesMax }),
      {
        type: 'string' as const,
        validate: (text: string) =>
          base64Bytes(text) <= (bytesMax ?? Infinity) && decodeBase64(text) !== undefined,
      },
    ]),
  )
}

export function createValidation(dialects: readonly Dialect[], version: string): RequestHandler[] {
  const handlers = middleware({
    apiSpec: openApiOf(dialects, version) as unknown as OpenAPIV3.DocumentV3,
    // The document is made from tables, and a test holds it against the standard's schema.
    validateApiSpec: false,
    validateRequests: { allErrors: false, allowUnknownQueryParameters: true },
    validateResponses: false,
    validateSecurity: false,
    useRequestUrl: true,
    formats: blobFormats(dialects),
  })
  return handlers
}
