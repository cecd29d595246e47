// npm test: the projects of jest.config.mjs one after the other, what is fast first. All of them
// run, whatever fails, and the end says what each came to.
//
//   npm test                      all but chart and image
//   npm test -- unit kafka        some of the phases
//   npm test -- placement -t key  words and flags that are no phase go to Jest
//
// * What a test could not run for want of a tool stands in the file that TRIBUTARY_NOT_RUN names, a
//   line each, NAME (reason). It is listed at the end, and with CI set it is a failure.
// * Exit status 0: at least one test ran, and all that ran passed.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const CORES = availableParallelism()

/** Kafka, the service and clients in other languages want cores of their own. */
const PHASES = {
  unit: { workers: CORES },
  kafka: { workers: Math.max(1, Math.ceil(CORES / 2)) },
  clients: { workers: Math.max(1, Math.ceil(CORES / 2)) },
  chart: { workers: CORES, asked: true },
  image: { workers: 1, asked: true },
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const JEST = createRequire(import.meta.url).resolve('jest/bin/jest')

function runPhase(name, passedOn, folder) {
  const results = join(folder, `${name}.json`)
  const startedMs = performance.now()
  const { status } = spawnSync(
    process.execPath,
    [
      ...[JEST, '--selectProjects', name, '--maxWorkers', String(PHASES[name].workers)],
      ...['--passWithNoTests', '--json', '--outputFile', results, ...passedOn],
    ],
    {
      cwd: ROOT,
      // With --json Jest's reports go to stderr, and stdout says only where the file is.
      stdio: ['inherit', 'ignore', 'inherit'],
      env: { ...process.env, TRIBUTARY_NOT_RUN: join(folder, 'not-run') },
    },
  )
  const seconds = Math.round((performance.now() - startedMs) / 1000)
  return { name, seconds, ok: status === 0, ...countsIn(results) }
}

/** A suite that did not load has no tests, and counts as one that failed. */
function countsIn(file) {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults } = readJson(file)
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  return {
    passed: numPassedTests,
    failed: numFailedTests + numRuntimeErrorTestSuites,
    skipped: tests.filter(({ status }) => status === 'pending' || status === 'todo'),
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Jest ended before it ran a test, and has said why.
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1, testResults: [] }
  }
}

/** What the tests reported themselves; and tests that were skipped without a word. */
function notRun(folder, phases, passedOn) {
  const told = readFileSync(join(folder, 'not-run'), 'utf8').split('\n').filter(Boolean)
  const names = told.map((line) => line.replace(/ \(.*\)$/, ''))
  const skipped = phases.flatMap((phase) => phase.skipped.map(({ fullName }) => fullName))
  const silent = skipped.filter((title) => !names.some((name) => title.endsWith(name)))
  // Who chooses tests by name skips the others.
  const isChoice = passedOn.some((each) => /^(-t|--testNamePattern)/.test(each))
  return [...new Set([...told, ...(isChoice ? [] : silent.map((title) => `${title} (skipped)`))])]
}

function report(phases, missing) {
  const lines = phases.map(
    ({ name, passed, failed, seconds }) =>
      `${name}: ${passed} passed, ${failed} failed (${seconds} s)`,
  )
  process.stdout.write(`\n${[...lines, ...missing.map((each) => `not run: ${each}`)].join('\n')}\n`)
  const sum = (field) => phases.reduce((total, phase) => total + phase[field], 0)
  const failed = Math.max(sum('failed'), process.env.CI ? missing.length : 0)
  process.stdout.write(`tests: ${sum('passed')} passed, ${failed} failed\n`)
  return failed === 0 && sum('passed') > 0 && phases.every(({ ok }) => ok)
}

function main(words) {
  const named = words.filter((word) => Object.hasOwn(PHASES, word))
  const passedOn = words.filter((word) => !Object.hasOwn(PHASES, word))
  const folder = mkdtempSync(join(tmpdir(), 'tributary-test-'))
  try {
    writeFileSync(join(folder, 'not-run'), '')
    const names =
      named.length > 0 ? named : Object.keys(PHASES).filter((name) => !PHASES[name].asked)
    const phases = names.map((name) => runPhase(name, passedOn, folder))
    return report(phases, notRun(folder, phases, passedOn))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exitCode = main(process.argv.slice(2)) ? 0 : 1
