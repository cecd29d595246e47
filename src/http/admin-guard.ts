// Who may see the admin port beyond whether the process is well: everybody, or whoever shows the token,
// as Bearer (Prometheus, scripts) or as the password of Basic (browsers ask for that one).

import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'

/** Passes everybody on where `token` is empty. */
export function createAdminGuard(token: string): RequestHandler {
  const wanted = digest(token)
  return (request, response, next) => {
    if (token === '' || timingSafeEqual(digest(shownIn(request.headers.authorization)), wanted)) {
      next()
      return
    }
    response
      .status(401)
      .set('WWW-Authenticate', 'Basic realm="Tributary admin", charset="UTF-8"')
      .type('text')
      .send('The admin token is wanted, as Bearer or as a password.\n')
  }
}

function shownIn(authorization = ''): string {
  const [, scheme = '', text = ''] = /^(\S+) +(\S+)$/.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return text
  if (scheme.toLowerCase() !== 'basic') return ''
  const pair = Buffer.from(text, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
