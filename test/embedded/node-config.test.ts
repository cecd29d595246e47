import fc from 'fast-check'
import {
  metaProperties,
  nodeProperties,
  propertiesText,
  randomKafkaId,
} from '../../src/embedded/node-config.ts'

const listener = (port: number) => ({ name: 'PLAINTEXT', protocol: 'PLAINTEXT', port }) as const

describe('settings of a node', () => {
  it('is alone with one copy of everything', () => {
    const properties = nodeProperties({
      nodeId: 1,
      voters: [{ nodeId: 1, port: 4002 }],
      listeners: [listener(4001)],
    })
    expect(properties).toMatchObject({
      'process.roles': 'broker,controller',
      'controller.quorum.voters': '1@127.0.0.1:4002',
      listeners: 'PLAINTEXT://127.0.0.1:4001,CONTROLLER://127.0.0.1:4002',
      'advertised.listeners': 'PLAINTEXT://127.0.0.1:4001',
      'default.replication.factor': '1',
      'min.insync.replicas': '1',
      'auto.create.topics.enable': 'false',
    })
  })

  it('has three copies and needs two of them, as one of three', () => {
    const properties = nodeProperties({
      nodeId: 2,
      voters: [1, 2, 3].map((nodeId) => ({ nodeId, port: 5000 + nodeId })),
      listeners: [listener(4001), { name: 'TLS', protocol: 'SSL', port: 4009 }],
      properties: { 'num.io.threads': '8', 'extra.key': 'x' },
    })
    expect(properties).toMatchObject({
      'controller.quorum.voters': '1@127.0.0.1:5001,2@127.0.0.1:5002,3@127.0.0.1:5003',
      listeners: 'PLAINTEXT://127.0.0.1:4001,TLS://127.0.0.1:4009,CONTROLLER://127.0.0.1:5002',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT',
      'offsets.topic.replication.factor': '3',
      'min.insync.replicas': '2',
      'num.io.threads': '8',
      'extra.key': 'x',
    })
  })

  it('refuses a node that is no voter', () => {
    const plan = { nodeId: 4, voters: [{ nodeId: 1, port: 1 }], listeners: [listener(2)] } as const
    expect(() => nodeProperties(plan)).toThrow('node 4')
  })
})

describe('identities', () => {
  it('are 22 characters of base64url, never reserved by Kafka', () => {
    for (let i = 0; i < 1000; i++) expect(randomKafkaId()).toMatch(/^[A-Za-f][\w-]{21}$/)
    expect(new Set(Array.from({ length: 100 }, randomKafkaId)).size).toBe(100)
  })

  it('share the cluster and not the folder', () => {
    const [one, two] = [metaProperties('c', 1), metaProperties('c', 2)]
    expect(one).toMatchObject({ version: '1', 'cluster.id': 'c', 'node.id': '1' })
    expect(two['node.id']).toBe('2')
    expect(one['directory.id']).not.toBe(two['directory.id'])
  })
})

describe('text of a properties file', () => {
  it('escapes what Java would read otherwise', () => {
    const text = propertiesText({ 'a key': 'C:\\x =#!', pem: 'one\ntwo\n', name: 'ü€' })
    expect(text).toBe('a\\ key=C\\:\\\\x\\ \\=\\#\\!\npem=one\\ntwo\\n\nname=\\u00fc\\u20ac\n')
  })

  it('is one line of ASCII for each entry, read back unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (value) => {
        const text = propertiesText({ k: value })
        expect(text).toMatch(/^k=[\x20-\x7e]*\n$/)
        expect(unescape(text.slice(2, -1))).toBe(value)
      }),
    )
  })
})

/** What java.util.Properties does to a value. */
function unescape(text: string): string {
  const named: Record<string, string> = { n: '\n', r: '\r', t: '\t' }
  return text.replace(/\\(?:u([\da-f]{4})|(.))/g, (_, hex: string | undefined, c: string) =>
    hex === undefined ? (named[c] ?? c) : String.fromCharCode(parseInt(hex, 16)),
  )
}
