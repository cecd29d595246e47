// The credentials file: YAML or JSON → principals. All that is wrong is reported at once, by the name
// of the principal and the key, and never with a value, which may be a secret.
//
// * A key id, token, access key or user name belongs to one principal.
// * Values are texts: a number or a date that YAML makes of an unquoted secret is another text.

import { LineCounter, parseDocument } from 'yaml'
import type { Action, Grant, KeyPlan, PrincipalPlan, Quotas } from '../core/principals.ts'

/** All that is wrong with a credentials file, a line each. */
export class CredentialsError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'CredentialsError'
    this.problems = problems
  }
}

type Members = Readonly<Record<string, unknown>>

/** What is wrong, as it is found. */
interface Reading {
  readonly problems: string[]
  /** What may be there once only, with its first owner. */
  readonly taken: Map<string, string>
}

/** Throws CredentialsError. */
export function parseCredentials(text: string): readonly PrincipalPlan[] {
  const reading: Reading = { problems: [], taken: new Map() }
  const content = parse(text)
  const { principals } = membersOf(content, ['principals'], { at: 'the file', reading })
  const plans = listOf(principals, { at: 'principals', reading }).map((each, i) =>
    principalOf(each, `principals[${i}]`, reading),
  )
  if (plans.length === 0 && reading.problems.length === 0) {
    reading.problems.push('principals: expected at least one')
  }
  if (reading.problems.length > 0) throw new CredentialsError(reading.problems)
  return plans
}

/** The parser's own messages quote the text. */
function parse(text: string): unknown {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { prettyErrors: false, lineCounter })
  const [error] = document.errors
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0])
    throw new CredentialsError([`line ${line}, column ${col}: this is no YAML (${error.code})`])
  }
  try {
    return document.toJS() as unknown
  } catch {
    throw new CredentialsError(['an alias leads nowhere: quote texts that begin with an asterisk'])
  }
}

const FAMILIES = { aws: 'aws', dis: 'dis', tokens: 'token', v3io: 'v3io' } as const
const MEMBERS = ['name', 'aws', 'dis', 'tokens', 'v3io', 'allow', 'quotas']

function principalOf(content: unknown, place: string, reading: Reading): PrincipalPlan {
  const members = membersOf(content, MEMBERS, { at: place, reading })
  const name = textOf(members['name'], { at: `${place}.name`, reading })
  const at = name === '' ? place : `${place} (${name})`
  once('name', name, { at: `${at}.name`, reading })
  const v3io = optional<Members>(members['v3io'], {}, (each) =>
    membersOf(each, ['accessKeys', 'users'], { at: `${at}.v3io`, reading }),
  )
  return {
    name,
    keys: [
      ...entriesOf(members['aws'], { at: `${at}.aws`, reading }, awsKeyOf),
      ...entriesOf(members['dis'], { at: `${at}.dis`, reading }, disKeyOf),
    ],
    bearers: [
      ...bearersOf(members['tokens'], FAMILIES.tokens, { at: `${at}.tokens`, reading }),
      ...bearersOf(v3io['accessKeys'], FAMILIES.v3io, { at: `${at}.v3io.accessKeys`, reading }),
    ],
    users: entriesOf(v3io['users'], { at: `${at}.v3io.users`, reading }, userOf),
    allow: entriesOf(members['allow'], { at: `${at}.allow`, reading }, grantOf),
    quotas: optional<Quotas>(members['quotas'], {}, (each) =>
      quotasOf(each, { at: `${at}.quotas`, reading }),
    ),
  }
}

function awsKeyOf(content: unknown, where: Where): KeyPlan {
  const { at, reading } = where
  const known = ['accessKeyId', 'secretAccessKey', 'sessionToken']
  const members = membersOf(content, known, where)
  const id = textOf(members['accessKeyId'], { at: `${at}.accessKeyId`, reading })
  once(FAMILIES.aws, id, { at: `${at}.accessKeyId`, reading })
  return {
    family: FAMILIES.aws,
    id,
    secret: textOf(members['secretAccessKey'], { at: `${at}.secretAccessKey`, reading }),
    ...optional<Partial<KeyPlan>>(members['sessionToken'], {}, (each) => ({
      sessionToken: textOf(each, { at: `${at}.sessionToken`, reading }),
    })),
  }
}

function disKeyOf(content: unknown, where: Where): KeyPlan {
  const { at, reading } = where
  const members = membersOf(content, ['ak', 'sk'], where)
  const id = textOf(members['ak'], { at: `${at}.ak`, reading })
  once(FAMILIES.dis, id, { at: `${at}.ak`, reading })
  return { family: FAMILIES.dis, id, secret: textOf(members['sk'], { at: `${at}.sk`, reading }) }
}

interface Where {
  readonly at: string
  readonly reading: Reading
}

function bearersOf(content: unknown, family: string, where: Where) {
  return entriesOf(content, where, (each, place) => {
    const secret = textOf(each, place)
    once(`secret ${family}`, secret, place)
    return { family, secret }
  })
}

function userOf(content: unknown, where: Where) {
  const { at, reading } = where
  const members = membersOf(content, ['username', 'password'], where)
  const username = textOf(members['username'], { at: `${at}.username`, reading })
  if (username.includes(':')) reading.problems.push(`${at}.username: must have no colon`)
  once('user', username, { at: `${at}.username`, reading })
  const password = textOf(members['password'], { at: `${at}.password`, reading })
  return { family: FAMILIES.v3io, username, password }
}

const ACTIONS: readonly Action[] = ['put', 'read', 'manage']

function grantOf(content: unknown, where: Where): Grant {
  const { at, reading } = where
  const members = membersOf(content, ['actions', 'streams'], where)
  const actions = listOf(members['actions'], { at: `${at}.actions`, reading }).flatMap((each) => {
    const action = ACTIONS.find((known) => known === each)
    if (!action) reading.problems.push(`${at}.actions: expected some of ${ACTIONS.join(', ')}`)
    return action ?? []
  })
  const streams = listOf(members['streams'], { at: `${at}.streams`, reading }).map((each, i) =>
    textOf(each, { at: `${at}.streams[${i}]`, reading }),
  )
  return { actions, streams }
}

function quotasOf(content: unknown, where: Where): Quotas {
  const { at, reading } = where
  const known = ['recordsPerSecond', 'bytesPerSecond']
  const members = membersOf(content, known, where)
  const numbers = Object.entries(members).filter(
    ([name, value]) => known.includes(name) && value !== undefined && value !== null,
  )
  for (const [name, value] of numbers) {
    if (typeof value === 'number' && value >= 0) continue
    reading.problems.push(`${at}.${name}: expected a number from 0`)
  }
  return Object.fromEntries(numbers)
}

/** The members of a map; `known` are the names that it may have. */
function membersOf(content: unknown, known: readonly string[], { at, reading }: Where): Members {
  const { problems } = reading
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    problems.push(`${at}: expected the keys ${known.join(', ')}`)
    return {}
  }
  for (const name of Object.keys(content)) {
    if (!known.includes(name)) problems.push(`${at}: there is no key ${name} here`)
  }
  return content as Members
}

function listOf(content: unknown, { at, reading }: Where): readonly unknown[] {
  if (Array.isArray(content)) return content
  reading.problems.push(`${at}: expected a list`)
  return []
}

/** What is made of each element of a list that may be left out. */
function entriesOf<T>(
  content: unknown,
  where: Where,
  read: (element: unknown, where: Where) => T,
): T[] {
  const { at, reading } = where
  return optional<readonly unknown[]>(content, [], (list) => listOf(list, where)).map((each, i) =>
    read(each, { at: `${at}[${i}]`, reading }),
  )
}

function textOf(content: unknown, { at, reading }: Where): string {
  if (typeof content === 'string' && content !== '') return content
  const found = content === undefined || content === null || content === ''
  reading.problems.push(`${at}: expected text${found ? '' : '; quote it'}`)
  return ''
}

function optional<T>(content: unknown, absent: T, read: (content: unknown) => T): T {
  return content === undefined || content === null ? absent : read(content)
}

/** Nobody's credential is somebody else's, too. */
function once(kind: string, value: string, { at, reading }: Where): void {
  if (value === '') return
  const key = `${kind} ${value}`
  const first = reading.taken.get(key)
  if (first === undefined) reading.taken.set(key, at)
  else reading.problems.push(`${at}: is the same as ${first}`)
}
