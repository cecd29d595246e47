// The configuration: defaults ← YAML file ← environment, and what stops the start.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { ConfigError, entriesOf, loadConfig } from '../../src/config/load.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary config '))
})
afterEach(() => rmSync(folder, { recursive: true }))

function fileOf(content: string): string {
  const file = join(folder, 'file')
  writeFileSync(file, content)
  return file
}

function problemsOf(environment: Record<string, string>, file?: string): readonly string[] {
  try {
    loadConfig({ environment, file })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('where a value comes from', () => {
  test('a default, where nothing is said', () => {
    const config = loadConfig({ environment: {} })

    expect(config.port).toBe(8080)
    expect(config.adminPort).toBe(8081)
    expect(config.kafka.brokers).toEqual([])
    expect(config.memory.bytesMax).toBe(24 * 2 ** 20)
  })

  test('the environment goes over the file, and the file over the default', () => {
    const file = fileOf('port: 1000\nadminPort: 1001\nhttp:\n  keepAliveMs: 5000\n')

    const config = loadConfig({ environment: { TRIBUTARY_PORT: '2000' }, file })

    expect(config).toMatchObject({ port: 2000, adminPort: 1001, host: '' })
    expect(config.http).toMatchObject({ keepAliveMs: 5000, headersTimeoutMs: 20_000 })
  })

  test('TRIBUTARY_CONFIG names the file, and a file that is given goes before it', () => {
    const file = fileOf('port: 1000')
    const environment = { TRIBUTARY_CONFIG: file }

    expect(loadConfig({ environment }).port).toBe(1000)
    expect(loadConfig({ environment: { TRIBUTARY_CONFIG: 'nowhere' }, file }).port).toBe(1000)
  })

  test('an empty file, and groups with nothing in them, leave the defaults', () => {
    const defaults = loadConfig({ environment: {} })

    expect(loadConfig({ environment: {}, file: fileOf('') })).toEqual(defaults)
    expect(loadConfig({ environment: {}, file: fileOf('# only this\nhttp:\n') })).toEqual(defaults)
  })

  test('JSON is YAML, too', () => {
    const file = fileOf('{"dialects":{"kinesis":{"topic":{"overrides":{"orders":"prod.orders"}}}}}')

    const { kinesis } = loadConfig({ environment: {}, file }).dialects

    expect(kinesis.topic.overrides).toEqual({ orders: 'prod.orders' })
  })

  test('every variable sets its own key and no other', () => {
    const defaults = loadConfig({ environment: {} })
    const entries = entriesOf().filter(({ env }) => env !== undefined)

    for (const { env = '', path, key } of entries) {
      const value = [...SAMPLES, String(key.default)].find((sample) => {
        const read = key.read(sample)
        return read !== undefined && JSON.stringify(read) !== JSON.stringify(key.default)
      })
      // A choice of one has nothing else to choose.
      if (value === undefined) continue
      const config = loadConfig({ environment: { [env]: value } })
      expect(differences(defaults, config)).toEqual([path])
    }
  })

  const SAMPLES = ['77', '1048577', '4096', 'true', 'all', 'json', 'debug', 'PLAIN', 'some text']

  function differences(one: object, other: object, parent = ''): string[] {
    return Object.entries(one).flatMap(([name, value]: [string, unknown]) => {
      const path = parent ? `${parent}.${name}` : name
      const its = (other as Record<string, unknown>)[name]
      if (JSON.stringify(value) === JSON.stringify(its)) return []
      const isGroup = entriesOf().some((entry) => entry.path.startsWith(`${path}.`))
      return isGroup ? differences(value as object, its as object, path) : [path]
    })
  }
})

describe('names of variables', () => {
  test('are unique, and are the path in capitals', () => {
    const names = entriesOf().flatMap(({ env }) => env ?? [])

    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(
      expect.arrayContaining([
        ...['TRIBUTARY_PORT', 'TRIBUTARY_ADMIN_PORT', 'TRIBUTARY_IDENTITY', 'KAFKA_BROKERS'],
        ...['KAFKA_TLS', 'KAFKA_TLS_CA', 'KAFKA_TLS_CERT', 'KAFKA_TLS_KEY'],
        ...['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
        'TRIBUTARY_MEMORY_BYTES_MAX',
        'TRIBUTARY_DIALECTS_V3IO_LIMITS_RECORDS_MAX',
      ]),
    )
  })

  test('every key has a sentence, and a default that it would take', () => {
    for (const { key, path } of entriesOf()) {
      expect([path, key.about]).toEqual([path, expect.stringMatching(/^\S.*\.$/)])
      expect([path, key.read(key.default)]).toEqual([path, key.default])
    }
  })
})

describe('values', () => {
  test('lists are separated by commas in the environment', () => {
    const { brokers } = loadConfig({ environment: { KAFKA_BROKERS: 'a:9092, b:9092,' } }).kafka

    expect(brokers).toEqual(['a:9092', 'b:9092'])
  })

  test.each(['off', '"off"', 'false'])('a port that is %s is off', (text) => {
    expect(loadConfig({ environment: {}, file: fileOf(`port: ${text}`) }).port).toBe('off')
  })

  test('a port that is off in the environment is off', () => {
    expect(loadConfig({ environment: { TRIBUTARY_PORT: 'off' } }).port).toBe('off')
  })

  test('are frozen, all the way down', () => {
    const environment = { KAFKA_BROKERS: 'a:9092' }
    const file = fileOf('dialects: { dis: { topic: { pinned: { project: p1 } } } }')

    const seen: unknown[] = [loadConfig({ environment, file })]
    for (const value of seen) {
      expect(Object.isFrozen(value)).toBe(true)
      if (isObject(value)) seen.push(...Object.values(value))
    }
  })

  function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null
  }

  test('whole numbers are taken within their range and nowhere else', () => {
    const min = 100
    const max = 300_000
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.integer({ min: 0, max: 400_000 })), (number) => {
        const environment = { TRIBUTARY_KAFKA_METADATA_MAX_AGE_MS: String(number) }
        const isRefused = problemsOf(environment).length > 0
        expect(isRefused).toBe(number < min || number > max)
      }),
    )
  })
})

describe('what stops the start', () => {
  test('a key that does not exist, with the one that was likely meant', () => {
    const file = fileOf('bytesMax: 5\nhttp: { keepalivems: 5 }\nnonsense: 1')

    expect(problemsOf({}, file)).toEqual([
      `bytesMax: there is no such key (in ${file}); did you mean memory.bytesMax?`,
      `http.keepalivems: there is no such key (in ${file}); did you mean http.keepAliveMs?`,
      `nonsense: there is no such key (in ${file})`,
    ])
  })

  test('a variable with our prefix that does not exist', () => {
    expect(problemsOf({ TRIBUTARY_PROT: '1', OTHER_PROT: '1' })).toEqual([
      'TRIBUTARY_PROT: there is no such setting',
    ])
  })

  test('a wrong value, with what was expected and where it is from', () => {
    const file = fileOf('log: { level: loud }\nstreams: { autoCreate: "yes" }')

    expect(problemsOf({ TRIBUTARY_PORT: '80800', KAFKA_TLS: '1' }, file)).toEqual([
      `log.level: expected one of info, debug, warn, error, got "loud" (from ${file})`,
      `streams.autoCreate: expected true or false, got "yes" (from ${file})`,
      'port: expected a port from 0 to 65535 (0: any free one) or off, got "80800" (from TRIBUTARY_PORT)',
      'kafka.tls.enabled: expected true or false, got "1" (from KAFKA_TLS)',
    ])
  })

  test.each(['1.5', '1e3', '0x10', ' 5', '', '99999999999999999999'])('the number %j', (text) => {
    expect(problemsOf({ TRIBUTARY_STREAMS_SHARDS_MAX: text })).toHaveLength(1)
  })

  test('a value where keys belong, and keys where a value belongs', () => {
    expect(problemsOf({}, fileOf('http: 5'))).toEqual([
      expect.stringMatching(/^http: expected keys, got 5/),
    ])
    expect(problemsOf({}, fileOf('port: { number: 5 }'))).toEqual([
      expect.stringMatching(/^port: expected a port .* got \{"number":5\}/),
    ])
    expect(problemsOf({}, fileOf('- port'))).toHaveLength(1)
  })

  test('a file that cannot be read, or is no YAML', () => {
    expect(problemsOf({}, join(folder, 'none'))).toEqual([expect.stringContaining('none: ENOENT')])
    expect(problemsOf({}, fileOf('a: [1'))).toHaveLength(1)
  })
})

describe('secrets', () => {
  test('are read from a file, without its last line break', () => {
    const environment = { TRIBUTARY_ADMIN_TOKEN_FILE: fileOf(' pass word \n\n') }

    expect(loadConfig({ environment }).adminToken).toBe(' pass word \n')
  })

  test('a file that cannot be read is told by its name', () => {
    expect(problemsOf({ TRIBUTARY_ADMIN_TOKEN_FILE: join(folder, 'none') })).toEqual([
      expect.stringMatching(/^adminToken: cannot read .*none \(from TRIBUTARY_ADMIN_TOKEN_FILE\)/),
    ])
  })

  test('nothing but a secret is read from a file', () => {
    expect(problemsOf({ TRIBUTARY_HOST_FILE: fileOf('x') })).toEqual([
      'TRIBUTARY_HOST_FILE: there is no such setting',
    ])
  })

  test('are not shown, even where they are wrong', () => {
    const file = fileOf('kafka: { sasl: { password: [hunter2] } }')

    expect(problemsOf({}, file)).toEqual([
      `kafka.sasl.password: expected text, got a value that is not shown (from ${file})`,
    ])
  })
})

describe('what Kubernetes sets for a Service', () => {
  test.each(['TRIBUTARY', 'TRIBUTARY_ADMIN', 'TRIBUTARY_HTTP_HEADLESS'])('called %s', (name) => {
    const environment = {
      [`${name}_PORT`]: 'tcp://10.0.0.1:8080',
      [`${name}_SERVICE_HOST`]: '10.0.0.1',
      [`${name}_SERVICE_PORT`]: '8080',
      [`${name}_SERVICE_PORT_HTTP`]: '8080',
      [`${name}_PORT_8080_TCP`]: 'tcp://10.0.0.1:8080',
      [`${name}_PORT_8080_TCP_PROTO`]: 'tcp',
      [`${name}_PORT_8080_TCP_PORT`]: '8080',
      [`${name}_PORT_8080_TCP_ADDR`]: '10.0.0.1',
      [`${name}_PORT_8080_UDP_ADDR`]: '10.0.0.1',
    }

    expect(loadConfig({ environment })).toEqual(loadConfig({ environment: {} }))
  })

  test('is told from a setting by its form', () => {
    expect(loadConfig({ environment: { TRIBUTARY_PORT: '9000' } }).port).toBe(9000)
    expect(problemsOf({ TRIBUTARY_PORT: 'http://x' })).toHaveLength(1)
  })
})
