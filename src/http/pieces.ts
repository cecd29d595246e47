// Sending a body piece by piece: the next piece is asked for when the client has room for it, so that
// what is read for a client waits where it is until the client wants it.

import type { ServerResponse } from 'node:http'

/**
 * Resolves when the last piece was handed over, or the client is gone: then the pieces are asked to
 * return at once. A client that takes nothing for `stalledMs` is cut off. Rejects as the pieces do.
 */
export async function sendPieces(
  pieces: AsyncIterable<Buffer>,
  response: ServerResponse,
  stalledMs: number,
): Promise<void> {
  const source: AsyncIterator<Buffer, unknown> = pieces[Symbol.asyncIterator]()
  let hasClosed = response.destroyed
  const isGone = (): boolean => hasClosed
  const stop = (): void => {
    hasClosed = true
    // What it fails with now concerns nobody.
    source.return?.().catch(() => undefined)
  }
  response.once('close', stop)
  try {
    // Clients wait for the head before anything can be sent.
    response.flushHeaders()
    while (!isGone()) {
      const result = await source.next()
      if (result.done === true || isGone()) break
      if (!response.write(result.value)) await drained(response, stalledMs)
    }
    if (!isGone()) response.end()
  } finally {
    response.off('close', stop)
    stop()
  }
}

/** Resolves when there is room again, or nobody to have any. */
function drained(response: ServerResponse, stalledMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      response.destroy()
      done()
    }, stalledMs).unref()
    const done = (): void => {
      clearTimeout(timer)
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.once('drain', done)
    response.once('close', done)
  })
}
