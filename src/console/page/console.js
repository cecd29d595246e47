// @ts-check
// The console's page: asks every two seconds, and makes rates of two answers. Names come from outside,
// so that nothing is ever put into the page as HTML.

const EVERY_MS = 2000
const POINTS = 60
const NOWHERE = '–'

/** @typedef {Record<string, any>} Json */

/** @type {Json | undefined} */
let last
/** @type {{ name: string, last?: Json } | undefined} */
let opened
/** @type {number[]} */
const points = []

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id))

/**
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

/** @param {string} path */
async function ask(path) {
  const response = await fetch(path, { cache: 'no-store' })
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`)
  return response.json()
}

/** @param {number} bytes */
function size(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024
    unit++
  }
  return `${number.format(bytes)} ${units[unit]}`
}

/**
 * @param {number} atMs
 * @param {number} nowMs
 */
function ago(atMs, nowMs) {
  if (!atMs) return 'not yet'
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000))
  if (seconds < 2) return 'now'
  if (seconds < 120) return `${seconds} s ago`
  return seconds < 7200
    ? `${Math.round(seconds / 60)} min ago`
    : `${Math.round(seconds / 3600)} h ago`
}

/**
 * What grew by how much a second, since the last answer.
 * @param {number} value
 * @param {number | undefined} before
 * @param {number} seconds
 */
function rate(value, before, seconds) {
  return seconds > 0 ? Math.max(0, value - (before ?? 0)) / seconds : 0
}

/**
 * The time within which a part of the requests since the last answer ended.
 * @param {Json} now
 * @param {Json} before
 * @param {number} part
 */
function quantile(now, before, part) {
  const counts = now.durations.map(
    (/** @type {number} */ n, /** @type {number} */ i) => n - before.durations[i],
  )
  const all = counts.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0)
  if (all === 0) return NOWHERE
  let sum = 0
  const found = counts.findIndex((/** @type {number} */ n) => (sum += n) >= all * part)
  const seconds = now.seconds[found]
  return seconds === undefined
    ? `> ${now.seconds.at(-1)} s`
    : `≤ ${number.format(seconds * 1000)} ms`
}

/**
 * @param {Json} now
 * @param {Json | undefined} before
 */
function showTiles(now, before) {
  const old = before ?? now
  const seconds = (now.atMs - old.atMs) / 1000
  const active = now.eventLoop.active - old.eventLoop.active
  const busy = active / (active + now.eventLoop.idle - old.eventLoop.idle || 1)
  const failed = rate(now.failed, old.failed, seconds)
  /** @type {[string, string, boolean?][]} */
  const tiles = [
    ['Records/s', number.format(rate(now.records, old.records, seconds))],
    ['Bytes/s', size(rate(now.bytes, old.bytes, seconds))],
    ['Requests/s', number.format(rate(now.requests, old.requests, seconds))],
    ['Failures/s', number.format(failed), failed > 0],
    ['Half within', quantile(now, old, 0.5)],
    ['99 % within', quantile(now, old, 0.99)],
    ['Memory in work', `${size(now.memory.held)} of ${size(now.memory.max)}`],
    ['Connections', whole.format(now.connections)],
    ['Event loop busy', `${whole.format(busy * 100)} %`],
    ['Last stored', ago(now.kafka.lastWrittenMs, now.atMs)],
  ]
  at('tiles').replaceChildren(
    ...tiles.map(([name, value, bad]) =>
      element(
        'div',
        {},
        element('dt', {}, name),
        element('dd', bad ? { class: 'bad' } : {}, value),
      ),
    ),
  )
  if (before) showChart(rate(now.records, old.records, seconds))
}

/** @param {number} value */
function showChart(value) {
  points.push(value)
  if (points.length > POINTS) points.shift()
  const top = Math.max(1, ...points)
  const from = POINTS - points.length
  const line = points
    .map(
      (each, i) =>
        `${(((from + i) * 600) / (POINTS - 1)).toFixed(1)},${(85 - (each / top) * 78).toFixed(1)}`,
    )
    .join(' ')
  const polyline = document.createElementNS('http://www.w3.org/2000/svg', 'polyline')
  polyline.setAttribute('points', line)
  at('chart').replaceChildren(polyline)
  at('chart-text').textContent =
    `Records a second, the last two minutes: ${number.format(value)} now, at most ${number.format(top)}`
}

/** @param {Json} now */
function showStatus(now) {
  const { connected, brokers } = now.kafka
  const kafka = connected
    ? `Kafka answers (${brokers} ${brokers === 1 ? 'broker' : 'brokers'})`
    : 'Kafka does not answer'
  const since = ago(now.startedMs, now.atMs).replace(' ago', '')
  const text = `${now.state}; ${kafka}; running for ${since}`
  const status = at('status')
  at('version').textContent = now.version
  status.className = connected && now.state === 'ready' ? '' : 'bad'
  // Said again only when it changes, so that readers of the screen are not interrupted.
  if (status.dataset['said'] !== `${now.state} ${kafka}`)
    status.dataset['said'] = `${now.state} ${kafka}`
  if (status.textContent !== text) status.textContent = text
}

/**
 * @param {string} id
 * @param {Node[]} rows
 * @param {number} columns
 * @param {string} empty
 */
function fill(id, rows, columns, empty) {
  const none = element('tr', {}, element('td', { colspan: String(columns), class: 'empty' }, empty))
  const body = at(id)
  const focused =
    document.activeElement instanceof HTMLElement
      ? document.activeElement.dataset['key']
      : undefined
  body.replaceChildren(...(rows.length > 0 ? rows : [none]))
  if (focused === undefined || focused === '') return
  ;/** @type {NodeListOf<HTMLElement>} */ (body.querySelectorAll('[data-key]')).forEach((each) => {
    if (each.dataset['key'] === focused) each.focus()
  })
}

/**
 * @param {Json[]} entries
 * @param {string[]} names
 */
function byKey(entries, names) {
  return new Map(entries.map((entry) => [names.map((name) => entry[name]).join('\n'), entry]))
}

/**
 * @param {string} first
 * @param {(string | Node)[]} texts
 * @param {(string | [string, boolean])[]} numbers
 * @param {string} end
 */
function row(first, texts, numbers, end) {
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, first),
    ...texts.map((text) => element('td', {}, text)),
    ...numbers.map((value) => {
      const [text, bad] = Array.isArray(value) ? value : [value, false]
      return element('td', { class: bad ? 'number bad' : 'number' }, text)
    }),
    element('td', {}, end),
  )
}

/** @param {string | undefined} topic */
function topicButton(topic) {
  if (topic === undefined) return NOWHERE
  const button = element(
    'button',
    { type: 'button', class: 'link', 'data-key': `topic ${topic}` },
    topic,
  )
  button.addEventListener('click', () => void openTopic(topic))
  return button
}

/**
 * @param {Json} now
 * @param {Json | undefined} before
 */
function showTables(now, before) {
  const seconds = before ? (now.atMs - before.atMs) / 1000 : 0
  const STREAM = ['dialect', 'stream']
  const WRITER = ['dialect', 'stream', 'family', 'caller']
  const FAILURE = ['dialect', 'operation', 'code']
  const old = {
    streams: byKey(before?.streams ?? [], STREAM),
    writers: byKey(before?.writers ?? [], WRITER),
    failures: byKey(before?.failures ?? [], FAILURE),
  }
  const recent = (/** @type {Map<string, Json>} */ entries) =>
    [...entries].sort(([, a], [, b]) => b.lastAtMs - a.lastAtMs || (a.stream < b.stream ? -1 : 1))

  fill(
    'stream-rows',
    recent(byKey(now.streams, STREAM)).map(([key, s]) => {
      const was = old.streams.get(key)
      return row(
        s.stream,
        [s.dialect, topicButton(s.topic)],
        [
          number.format(rate(s.records, was?.records, seconds)),
          size(rate(s.bytes, was?.bytes, seconds)),
          whole.format(s.records),
          [whole.format(s.failed), s.failed > (was?.failed ?? s.failed)],
        ],
        ago(s.lastAtMs, now.atMs),
      )
    }),
    8,
    'Nothing was put yet.',
  )
  fill(
    'writer-rows',
    recent(byKey(now.writers, WRITER)).map(([key, w]) => {
      const was = old.writers.get(key)
      return row(
        w.family,
        [w.caller || NOWHERE, w.stream, w.dialect],
        [
          number.format(rate(w.requests, was?.requests, seconds)),
          whole.format(w.requests),
          [whole.format(w.failed), w.failed > (was?.failed ?? w.failed)],
        ],
        ago(w.lastAtMs, now.atMs),
      )
    }),
    8,
    'Nobody wrote yet.',
  )
  fill(
    'failure-rows',
    recent(byKey(now.failures, FAILURE)).map(([key, f]) =>
      row(
        f.code,
        [f.dialect, f.operation || NOWHERE],
        [
          number.format(rate(f.count, old.failures.get(key)?.count, seconds)),
          whole.format(f.count),
        ],
        ago(f.lastAtMs, now.atMs),
      ),
    ),
    6,
    'None.',
  )
}

/** @param {string} name */
async function openTopic(name) {
  opened = { name }
  await showTopic()
  at('topic').querySelector('h3')?.focus()
}

async function showTopic() {
  if (!opened) return
  const { name, last: before } = opened
  try {
    const now = await ask(`topic.json?name=${encodeURIComponent(name)}`)
    if (opened?.name !== name) return
    opened.last = now
    at('topic').replaceChildren(...topicView(now, before))
  } catch (error) {
    at('topic').replaceChildren(
      element(
        'p',
        { class: 'bad' },
        `The topic ${name} cannot be shown: ${/** @type {Error} */ (error).message}`,
      ),
    )
  }
}

/**
 * @param {Json} now
 * @param {Json | undefined} before
 */
function topicView(now, before) {
  const seconds = before ? (now.atMs - before.atMs) / 1000 : 0
  const keeps =
    now.retentionMs < 0 ? 'for ever' : `for ${number.format(now.retentionMs / 3_600_000)} h`
  const head = ['Partition', 'Leader', 'First offset', 'Next offset', 'Records/s']
  const rows = now.partitions.map((/** @type {Json} */ p, /** @type {number} */ i) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, String(p.partition)),
      element('td', p.hasLeader ? {} : { class: 'bad' }, p.hasLeader ? 'there' : 'missing'),
      element('td', { class: 'number' }, whole.format(p.startOffset)),
      element('td', { class: 'number' }, whole.format(p.endOffset)),
      element(
        'td',
        { class: 'number' },
        number.format(rate(p.endOffset, before?.partitions[i]?.endOffset ?? p.endOffset, seconds)),
      ),
    ),
  )
  return [
    element('h3', { tabindex: '-1' }, `Topic ${now.name}`),
    element(
      'p',
      { class: 'hint' },
      `Keeps records ${keeps}, of at most ${size(now.messageBytesMax)}.`,
    ),
    element(
      'div',
      { class: 'scroll' },
      element(
        'table',
        {},
        element('caption', { class: 'hidden' }, `Partitions of ${now.name}`),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...head.map((text, i) =>
              element('th', { scope: 'col', ...(i > 1 && { class: 'number' }) }, text),
            ),
          ),
        ),
        element('tbody', {}, ...rows),
      ),
    ),
  ]
}

async function showOtherTopics() {
  const { topics } = await ask('topics.json')
  const shown = new Set((last?.['streams'] ?? []).map((/** @type {Json} */ s) => s.topic))
  const others = topics.filter((/** @type {string} */ topic) => !shown.has(topic))
  /** @type {(string | Node)[]} */
  const list = others
    .slice(0, 50)
    .flatMap((/** @type {string} */ topic, /** @type {number} */ i) => [
      i > 0 ? ', ' : '',
      topicButton(topic),
    ])
  const more = others.length > 50 ? ` and ${others.length - 50} more` : ''
  if (!at('other-topics').contains(document.activeElement)) {
    at('other-topics').replaceChildren(
      ...(others.length > 0 ? ['Other topics: ', ...list, more] : []),
    )
  }
}

/** @param {Json} connect */
function showCommands(connect) {
  const endpoint = /** @type {HTMLInputElement} */ (at('endpoint'))
  const stream = /** @type {HTMLInputElement} */ (at('stream-name'))
  const { port, tlsPort } = connect.ports
  // Somebody may have typed an endpoint before the answer came.
  endpoint.value ||=
    port === undefined
      ? `https://${location.hostname}:${tlsPort}`
      : `http://${location.hostname}:${port}`
  const draw = () => {
    at('commands').replaceChildren(
      ...Object.entries(connect.commands).flatMap(([dialect, commands]) => [
        element('h3', {}, dialect),
        ...commands.map((/** @type {string} */ command) =>
          commandView(
            dialect,
            command.replaceAll('{endpoint}', endpoint.value).replaceAll('{stream}', stream.value),
          ),
        ),
      ]),
    )
  }
  at('connect-form').addEventListener('input', draw)
  at('connect-form').addEventListener('submit', (event) => event.preventDefault())
  draw()
}

/**
 * @param {string} dialect
 * @param {string} command
 */
function commandView(dialect, command) {
  const button = element(
    'button',
    { type: 'button', 'aria-label': `Copy the command for ${dialect}` },
    'Copy',
  )
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(command)
    button.textContent = 'Copied'
    setTimeout(() => (button.textContent = 'Copy'), 1500)
  })
  return element('div', { class: 'command' }, element('pre', { tabindex: '0' }, command), button)
}

async function turn() {
  try {
    const now = await ask('now.json')
    showStatus(now)
    showTiles(now, last)
    showTables(now, last)
    last = now
    await Promise.all([showTopic(), showOtherTopics()])
  } catch (error) {
    at('status').className = 'bad'
    at('status').textContent =
      `This instance does not answer: ${/** @type {Error} */ (error).message}`
  } finally {
    setTimeout(() => void turn(), EVERY_MS)
  }
}

async function connect() {
  try {
    showCommands(await ask('connect.json'))
  } catch {
    setTimeout(() => void connect(), EVERY_MS)
  }
}

void connect()
void turn()
