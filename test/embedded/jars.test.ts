import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { EmbeddedKafkaError } from '../../src/embedded/embedded-error.ts'
import { jarsFor } from '../../src/embedded/jars.ts'
import { freshFolder, PACKAGE_ROOT } from '../support/kafka-jars.ts'

const folder = freshFolder('jars with space-')
afterAll(() => rmSync(folder, { recursive: true }))

// What Maven prints and does, without a network: it is asked for `dependency:copy-dependencies`.
const COPIES = `
for arg; do case $arg in -DoutputDirectory=*) out=\${arg#-DoutputDirectory=};; esac; done
echo run >>"$(dirname "$0")/runs"
n=0
while [ $n -lt 20 ]; do
  n=$((n + 1))
  echo "[INFO] Downloaded from central: http://x/j-$n.jar (1.5 MB at 3.1 MB/s)"
  echo "[INFO] Downloaded from central: http://x/j-$n.pom (9.9 kB at 3.1 MB/s)"
  echo $n >"$out/j-$n.jar"
done
sleep 0.3
`

let places = 0
function place(script: string) {
  const bin = join(folder, `bin-${++places}`)
  mkdirSync(bin)
  writeFileSync(join(bin, 'mvn'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, 'mvn'), 0o755)
  const lines: string[] = []
  const directory = join(folder, `kafka ${places}`)
  const options = {
    directory,
    packageRoot: PACKAGE_ROOT,
    environment: { PATH: `${bin}:${process.env['PATH']}` },
    progress: (line: string) => void lines.push(line),
  }
  const runs = () => readFileSync(join(bin, 'runs'), 'utf8').split('\n').length - 1
  return { options, lines, directory, runs, bin }
}

const java = { command: '/opt/jdk/bin/java', fromHome: false }

it('fetches once, and says what it does', async () => {
  const { options, lines, directory, runs } = place(COPIES)
  const jars = await jarsFor(java, options)
  expect(jars).toMatch(/libs-[\da-f]{12}$/)
  expect(readdirSync(jars)).toHaveLength(20)
  expect(lines).toEqual([
    expect.stringMatching(/^Fetching Apache Kafka with Maven, once: about 45 MB/),
    '  10 jars downloaded, 15 MB',
    '  20 jars downloaded, 30 MB',
    'Fetched Apache Kafka: 20 jars',
  ])
  expect(await jarsFor(java, options)).toBe(jars)
  expect(runs()).toBe(1)
  expect(readdirSync(directory)).toHaveLength(1)
})

it('survives two first starts at once', async () => {
  const { options, directory, runs } = place(COPIES)
  const [one, two] = await Promise.all([jarsFor(java, options), jarsFor(java, options)])
  expect(one).toBe(two)
  expect(runs()).toBe(2)
  expect(readdirSync(directory)).toHaveLength(1)
  expect(readdirSync(one)).toHaveLength(20)
})

it('needs no Maven when the jars are there', async () => {
  const { options } = place(COPIES)
  const jars = await jarsFor(java, options)
  expect(await jarsFor(java, { ...options, environment: { PATH: '' } })).toBe(jars)
})

it('counts no part of a fetch that was broken off, and says why', async () => {
  const { options, directory } = place(`${COPIES}
echo "[\x1b[1;31mERROR\x1b[m] Failed to execute goal: central unreachable"
echo "[ERROR] more"
exit 1`)
  const error = await jarsFor(java, options).then(String, (failure: unknown) => failure as Error)
  expect(error).toBeInstanceOf(EmbeddedKafkaError)
  expect((error as Error).message).toMatch(
    /could not be fetched: .*mvn ended with status 1 \(Failed to execute goal: central unreachable\); .*KAFKA_BROKERS/,
  )
  expect(readdirSync(directory)).toEqual([])
})

it('removes what a killed fetch left an hour ago, but not what may be growing', async () => {
  const { options, directory } = place(COPIES)
  const [old, young] = [join(directory, 'libs-0.part-a'), join(directory, 'libs-0.part-b')]
  for (const part of [old, young]) mkdirSync(part, { recursive: true })
  const longAgoS = Date.now() / 1000 - 2 * 60 * 60
  utimesSync(old, longAgoS, longAgoS)
  await jarsFor(java, options)
  expect([existsSync(old), existsSync(young)]).toEqual([false, true])
})
