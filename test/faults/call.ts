// One call of a producer: its attempts, and what its records have come to in the end.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SampleRecord } from '../contract/samples.ts'
import type { Attempt, Caller } from './http.ts'
import type { Doubt } from './ledger.ts'
import type { Instance } from './service.ts'
import type { Style, Word } from './styles.ts'

export interface Result {
  readonly word: Word
  /** An earlier attempt of this call may have stored it, and the last one could not know. */
  readonly doubt: Doubt | undefined
}

export interface Finished {
  readonly results: readonly Result[]
  /** Number of the last instance that was asked. */
  readonly instance: number
  /** What it is called to send again what is open after this call. */
  readonly doubtAfter: Doubt
}

/** Told of every attempt. */
export type OnAttempt = (attempt: Attempt, words: readonly Word[]) => void

export interface CallOptions {
  readonly style: Style
  readonly caller: Caller
  readonly stream: string
  readonly timeoutMs: number
  readonly onAttempt: OnAttempt
}

interface Open {
  readonly instance: Instance
  readonly doubt: Doubt
}

/** Until the service's line about a failed request has come through its pipe. */
const LOG_LAG_MS = 50
const DOUBTS: readonly Doubt[] = ['unknown', 'unread', 'instance']

export async function call(
  options: CallOptions,
  records: readonly SampleRecord[],
): Promise<Finished> {
  const { style, caller, stream, timeoutMs, onAttempt } = options
  const id = randomUUID()
  const request = style.sample.put(stream, records)
  const opens: Open[] = []
  for (let attempt = 1; ; attempt++) {
    const came = await caller.send(style.dress(request, { id, attempt }), timeoutMs)
    const words = await wordsOf(came, style, records.length)
    onAttempt(came, words)
    if (!style.triesAgain(came) || attempt === style.attemptsMax) {
      return finish(came, words, { style, opens })
    }
    if (words.some(({ kind }) => kind === 'open')) {
      opens.push({ instance: came.instance, doubt: doubtOf(came) })
    }
    await sleep(style.backOffMs(attempt) * (0.5 + Math.random()))
  }
}

async function wordsOf(came: Attempt, style: Style, records: number): Promise<readonly Word[]> {
  if (came.kind === 'broken') {
    const word: Word = { kind: came.refused ? 'denied' : 'open' }
    return Array.from({ length: records }, () => word)
  }
  const words = style.read(came, [], records)
  if (!words.some(({ kind }) => kind === 'open')) return words
  await sleep(LOG_LAG_MS)
  return style.read(came, came.instance.codesOf(came.requestId), records)
}

function doubtOf(came: Attempt): Doubt {
  if (came.kind === 'answered') return 'unknown'
  return came.instance.killed() ? 'instance' : 'unread'
}

function finish(
  came: Attempt,
  words: readonly Word[],
  { style, opens }: { readonly style: Style; readonly opens: readonly Open[] },
): Finished {
  const { instance } = came
  // An instance knows the attempts of a call again by their id, and only its own.
  const unprotected = style.hasInvocationId
    ? opens
        .filter((open) => open.instance !== instance)
        .map((open): Open => ({ ...open, doubt: 'instance' }))
    : opens
  const doubt = gravest(unprotected.map((open) => open.doubt))
  const results = words.map((word): Result => {
    // A refusal of this attempt says nothing of one before it.
    const isOpen = word.kind === 'denied' && opens.length > 0
    return { word: isOpen ? { kind: 'open' } : word, doubt }
  })
  const last = came.kind === 'broken' && came.refused ? [] : [doubtOf(came)]
  const after = gravest([...opens.map((open) => open.doubt), ...last]) ?? 'unknown'
  const isPlain = style.hasInvocationId && after === 'unread'
  return { results, instance: instance.number, doubtAfter: isPlain ? 'unknown' : after }
}

function gravest(doubts: readonly Doubt[]): Doubt | undefined {
  return DOUBTS.findLast((doubt) => doubts.includes(doubt))
}
