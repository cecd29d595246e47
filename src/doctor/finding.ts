// What the doctor says: sentences for the person who runs the service, each with what to do about it.

export interface Finding {
  /** `problem`: something will not work; `warning`: it works, and will hurt; `good`: looked at. */
  readonly level: 'good' | 'warning' | 'problem'
  readonly text: string
}

export const good = (text: string): Finding => ({ level: 'good', text })
export const warning = (text: string): Finding => ({ level: 'warning', text })
export const problem = (text: string): Finding => ({ level: 'problem', text })

const NAMES_MAX = 5

/** `a, b and 7 more` */
export function enumerate(names: readonly string[]): string {
  const more = names.length - NAMES_MAX
  return more > 0 ? `${names.slice(0, NAMES_MAX).join(', ')} and ${more} more` : names.join(', ')
}

/** `1 topic`, `2 topics` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Nothing where none is affected. */
export function affecting(
  names: readonly string[],
  say: (topics: string) => Finding,
): readonly Finding[] {
  return names.length === 0 ? [] : [say(`${count(names.length, 'topic')} (${enumerate(names)})`)]
}
