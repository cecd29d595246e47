// Why the service cannot start, in a sentence for the person who started it.

export class Refusal extends Error {
  override readonly name = 'Refusal'
}
