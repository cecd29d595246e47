// Alerts and the dashboard, against the metrics that the service has and the page that says what to do.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { notRun } from '../support/not-run.ts'
import { ROOT } from '../support/source-files.ts'
import { CHART, only, render } from './helm.ts'
import { RULE_TESTS } from './rule-tests.ts'
import { toolsAbsence } from './tools.ts'
import { createIdleMetrics } from '../support/idle-metrics.ts'

interface Rule {
  readonly alert?: string
  readonly expr: string
  readonly annotations: Readonly<Record<string, string>>
}

interface Groups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

const hasPromtool = spawnSync('promtool', ['--version']).status === 0
const absence =
  toolsAbsence() ?? (hasPromtool ? undefined : 'there is no promtool on PATH (Debian: prometheus)')

/** Names of all series, those of histograms with their endings. */
function seriesNames(): Set<string> {
  const { registry } = createIdleMetrics()
  return new Set(
    registry.getMetricsAsArray().flatMap(({ name, type }) =>
      // The library's types call it a text; it is one.
      String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )
}

/** Names of metrics in an expression. */
function namesIn(expression: string): string[] {
  return [...expression.matchAll(/\b(?:tributary|nodejs|process)_[a-z0-9_]+/g)].map(
    ([name]) => name,
  )
}

function strangers(expressions: readonly string[]): string[] {
  const known = seriesNames()
  return expressions.flatMap(namesIn).filter((name) => !known.has(name))
}

function promtool(command: readonly string[], files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tributary rules '))
  try {
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), stringify(content))
    }
    const { status, stdout, stderr } = spawnSync('promtool', command, {
      cwd: folder,
      encoding: 'utf8',
    })
    return `${stdout}${stderr}exit status ${status}`
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (absence) notRun('promtool', absence)
else {
  const groups = (): Groups =>
    only(render({ prometheusRule: { enabled: true } }), 'PrometheusRule').spec as Groups
  const alerts = (): readonly Rule[] => groups().groups.flatMap(({ rules }) => rules)

  describe('alerts', () => {
    test('are rules that Prometheus takes', () => {
      expect(promtool(['check', 'rules', 'rules.yaml'], { 'rules.yaml': groups() })).toContain(
        `SUCCESS: ${alerts().length} rules found`,
      )
    })

    test('fire when they should, and only then', () => {
      const files = { 'rules.yaml': groups(), 'tests.yaml': RULE_TESTS }
      expect(promtool(['test', 'rules', 'tests.yaml'], files)).toMatch(/SUCCESS\s+exit status 0/)
    })

    test('are each tested', () => {
      const tested = RULE_TESTS.tests.flatMap(({ alert_rule_test: cases }) =>
        cases.flatMap(({ alertname, exp_alerts: expected }) =>
          expected.length > 0 ? alertname : [],
        ),
      )
      expect([...new Set(tested)].sort()).toEqual(
        alerts()
          .map(({ alert }) => alert)
          .sort(),
      )
    })

    test('look at metrics that the service has', () => {
      expect(strangers(alerts().map(({ expr }) => expr))).toEqual([])
    })

    test('have a heading each in docs/operations.md, and no other', () => {
      const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')
      const headings = [...page.matchAll(/^#+ (Tributary[A-Za-z]+)$/gm)].map(([, name]) => name)
      expect(headings.sort()).toEqual(
        alerts()
          .map(({ alert }) => alert)
          .sort(),
      )
      for (const { alert = '', annotations } of alerts()) {
        expect(annotations['runbook_url']).toBe(`docs/operations.md#${alert.toLowerCase()}`)
      }
    })

    test('can be left out, and be more', () => {
      const own = { name: 'own', rules: [{ alert: 'Own', expr: 'vector(1)' }] }
      const prometheusRule = {
        ...{ enabled: true, disabled: ['TributarySlow'], additionalGroups: [own] },
      }
      const rules = (
        only(render({ prometheusRule }), 'PrometheusRule').spec as Groups
      ).groups.flatMap((group) => group.rules.map(({ alert }) => alert))
      expect(rules).toContain('Own')
      expect(rules).not.toContain('TributarySlow')
    })
  })

  describe('the dashboard', () => {
    interface Panel {
      readonly id: number
      readonly title: string
      readonly targets?: readonly { readonly expr: string }[]
    }
    const dashboard = JSON.parse(
      readFileSync(join(CHART, 'dashboards/tributary.json'), 'utf8'),
    ) as { panels: readonly Panel[]; templating: { list: readonly { query: unknown }[] } }
    const expressions = dashboard.panels.flatMap(({ targets = [] }) =>
      targets.map(({ expr }) => expr),
    )

    test('asks for what Prometheus understands', () => {
      const rules = expressions.map((expr, index) => ({
        record: `panel:${index}`,
        expr: expr.replaceAll('$__rate_interval', '5m').replace(/\$(namespace|pod)/g, '.*'),
      }))
      const content = { groups: [{ name: 'dashboard', rules }] }
      expect(promtool(['check', 'rules', 'rules.yaml'], { 'rules.yaml': content })).toContain(
        `SUCCESS: ${expressions.length} rules found`,
      )
    })

    test('shows metrics that the service has', () => {
      expect(strangers([...expressions, JSON.stringify(dashboard.templating)])).toEqual([])
    })

    test('tells its panels apart', () => {
      const ids = dashboard.panels.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
    })

    test('is in its ConfigMap as it is', () => {
      const { data } = only(render({ dashboard: { enabled: true } }), 'ConfigMap', '-dashboard')
      expect(JSON.parse(data!['tributary.json']!)).toEqual(dashboard)
    })
  })
}
