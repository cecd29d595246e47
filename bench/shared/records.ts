// What is sent: events as JSON, no two alike, of an exact size. They compress as such data does:
// field names and a few values repeat, ids, numbers and times do not.

import { createHash } from 'node:crypto'

const TYPES = ['view', 'click', 'add', 'buy', 'error']
const PATHS = ['/', '/search', '/cart', '/product/', '/checkout', '/account/orders', '/help']
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0',
  'okhttp/4.12.0',
]
const EPOCH_MS = 1_700_000_000_000

/** The same records in every process and at every run. */
export function createRecords(count: number, bytes: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => record(createDice(i), i, bytes))
}

interface Dice {
  readonly below: (limit: number) => number
  readonly pick: (values: readonly string[]) => string
  readonly hex: (digits: number) => string
}

function record(dice: Dice, i: number, bytes: number): Buffer {
  const { below, pick, hex } = dice
  const at = new Date(EPOCH_MS + i * 37 + below(1000)).toISOString()
  const small = { id: hex(12), at, value: below(50_000) / 100 }
  const event = {
    ...{ id: hex(32), type: pick(TYPES), at, user: `u-${below(1e6)}`, session: hex(24) },
    ...{ path: `${pick(PATHS)}${below(1e5)}`, agent: pick(AGENTS) },
    ...{ lat: below(18e6) / 1e5 - 90, lon: below(36e6) / 1e5 - 180 },
    items: [] as object[],
  }
  const body = bytes < 400 ? small : event
  for (; body === event && JSON.stringify(event).length < bytes - 80;) {
    event.items.push({ sku: `SKU-${below(1e5)}`, count: 1 + below(4), price: below(9900) / 100 })
  }
  const length = JSON.stringify({ ...body, tag: '' }).length
  return Buffer.from(JSON.stringify({ ...body, tag: hex(Math.max(0, bytes - length)) }))
}

/** Numbers that look random and are the same for the same seed. */
function createDice(seed: number): Dice {
  let state = (seed + 1) * 2_654_435_761
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  return {
    below,
    pick: (values) => values[below(values.length)] ?? '',
    hex: (digits) => {
      let text = ''
      for (let part = 0; text.length < digits; part++) {
        text += createHash('sha256').update(`${seed}/${part}/${state}`).digest('hex')
      }
      return text.slice(0, digits)
    },
  }
}
