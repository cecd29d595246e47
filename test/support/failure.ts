// Failures as values.

/** What a call that must fail failed with; rejects when it did not. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (output) => {
      throw new Error(`it succeeded: ${JSON.stringify(output)}`)
    },
    (error: unknown) => error,
  )
}
