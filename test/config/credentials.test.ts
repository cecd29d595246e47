import { CredentialsError, parseCredentials } from '../../src/config/credentials.ts'

const FILE = `
principals:
  - name: orders-service
    aws: [{ accessKeyId: AK1, secretAccessKey: "aws-secret", sessionToken: "session" }]
    dis: [{ ak: AK2, sk: "dis-secret" }]
    tokens: ["token"]
    v3io: { accessKeys: ["access-key"], users: [{ username: u, password: "pass" }] }
    allow: [{ actions: [put, read, manage], streams: ["orders-*"] }]
    quotas: { recordsPerSecond: 5000, bytesPerSecond: 5000000 }
  - name: idle
`

function problemsOf(text: string): readonly string[] {
  try {
    parseCredentials(text)
  } catch (error) {
    if (error instanceof CredentialsError) return error.problems
    throw error
  }
  return []
}

test('all that a principal can have, and one that has nothing', () => {
  expect(parseCredentials(FILE)).toEqual([
    {
      name: 'orders-service',
      keys: [
        { family: 'aws', id: 'AK1', secret: 'aws-secret', sessionToken: 'session' },
        { family: 'dis', id: 'AK2', secret: 'dis-secret' },
      ],
      bearers: [
        { family: 'token', secret: 'token' },
        { family: 'v3io', secret: 'access-key' },
      ],
      users: [{ family: 'v3io', username: 'u', password: 'pass' }],
      allow: [{ actions: ['put', 'read', 'manage'], streams: ['orders-*'] }],
      quotas: { recordsPerSecond: 5000, bytesPerSecond: 5_000_000 },
    },
    { name: 'idle', keys: [], bearers: [], users: [], allow: [], quotas: {} },
  ])
})

test('JSON', () => {
  const text = '{"principals":[{"name":"a","tokens":["t"]}]}'
  expect(parseCredentials(text)).toMatchObject([{ name: 'a', bearers: [{ secret: 't' }] }])
})

test.each([
  ['nothing', '', ['the file: expected the keys principals', 'principals: expected a list']],
  ['nobody', 'principals: []', ['principals: expected at least one']],
  [
    'a secret that YAML takes for a number',
    'principals: [{ name: a, dis: [{ ak: AK, sk: 123456 }] }]',
    ['principals[0] (a).dis[0].sk: expected text; quote it'],
  ],
  [
    'a missing secret, and a key that there is not',
    'principals: [{ name: a, aws: [{ accessKeyId: AK, secretKey: hidden }] }]',
    [
      'principals[0] (a).aws[0]: there is no key secretKey here',
      'principals[0] (a).aws[0].secretAccessKey: expected text',
    ],
  ],
  [
    'an action that there is not',
    'principals: [{ name: a, allow: [{ actions: [write], streams: ["*"] }] }]',
    ['principals[0] (a).allow[0].actions: expected some of put, read, manage'],
  ],
  [
    'a quota below zero',
    'principals: [{ name: a, quotas: { recordsPerSecond: -1 } }]',
    ['principals[0] (a).quotas.recordsPerSecond: expected a number from 0'],
  ],
  [
    'two of one name, with one key id and one token',
    'principals: [{ name: a, tokens: [hidden], aws: [{ accessKeyId: K, secretAccessKey: x }] }, { name: a, tokens: [hidden], aws: [{ accessKeyId: K, secretAccessKey: y }] }]',
    [
      'principals[1] (a).name: is the same as principals[0] (a).name',
      'principals[1] (a).aws[0].accessKeyId: is the same as principals[0] (a).aws[0].accessKeyId',
      'principals[1] (a).tokens[0]: is the same as principals[0] (a).tokens[0]',
    ],
  ],
  [
    'no YAML, near a secret',
    'principals:\n  - name: a\n    tokens: ["hidden]',
    ['line 3, column 22: this is no YAML (MISSING_CHAR)'],
  ],
  [
    'a secret that YAML takes for an alias',
    'principals: [{ name: a, tokens: [*hidden] }]',
    ['an alias leads nowhere: quote texts that begin with an asterisk'],
  ],
])('%s', (_, text, problems) => {
  const found = problemsOf(text)
  expect(found.join()).not.toContain('hidden')
  expect(found).toEqual(problems)
})
