// Failures name the stream that they are about, as its caller knows it.

import { BridgeError } from './errors.ts'
import type { StreamRef } from './model.ts'

/** Runs work on a stream; its failure names the stream. */
export async function about<T>(ref: StreamRef, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof BridgeError ? error.about(ref.name) : error
  }
}
