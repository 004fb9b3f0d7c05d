import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';
import { metricDefinitions } from '../../server/platform/metrics/metric-definitions.ts';
import { readPrometheusText } from '../support/prometheus-text.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Labels that Prometheus itself gives to whatever it scrapes. */
const SCRAPE_LABELS = ['job', 'instance'];
/** Of the classic dashboard model, its last: `LATEST_VERSION` of Grafana's `apps/dashboard/pkg/migration/schemaversion`. */
const SCHEMA_VERSION = 42;

const source = z.object({ type: z.literal('prometheus'), uid: z.literal(`\${datasource}`) });
const position = z.object({
  h: z.number().int(),
  w: z.number().int(),
  x: z.number().int(),
  y: z.number().int(),
});
const row = z.object({ type: z.literal('row'), id: z.number().int(), title: z.string(), gridPos: position });
const steps = z.array(z.object({ color: z.string(), value: z.number().nullable() })).min(1);
const chart = z.object({
  type: z.enum(['stat', 'timeseries']),
  id: z.number().int(),
  title: z.string().min(1),
  description: z.string().min(1),
  datasource: source,
  gridPos: position,
  targets: z
    .array(z.object({ refId: z.string(), datasource: source, expr: z.string(), legendFormat: z.string() }))
    .min(1),
  fieldConfig: z.object({
    defaults: z.object({
      unit: z.string().min(1),
      thresholds: z.object({ mode: z.literal('absolute'), steps }),
    }),
    overrides: z.array(z.unknown()),
  }),
});
const variable = z.object({
  name: z.string(),
  type: z.enum(['datasource', 'query']),
  definition: z.string().optional(),
});
const dashboard = z.object({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.literal(SCHEMA_VERSION),
  time: z.object({ from: z.string(), to: z.string() }),
  templating: z.object({ list: z.array(variable) }),
  panels: z.array(z.discriminatedUnion('type', [row, chart])).min(10),
});
const rules = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^CloudOptim[A-Z]\w+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smhd]$/)
            .optional(),
          labels: z.object({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
});

/** What an expression asks for: each metric with the labels that it is matched by, and the labels that are grouped by. */
function namesIn(expression: string): { metrics: { name: string; labels: string[] }[]; grouped: string[] } {
  // As Grafana puts them in.
  const text = expression.replaceAll('$__rate_interval', '1m').replaceAll(/\$(job|instance)/g, '.*');
  const metrics: { name: string; labels: string[] }[] = [];
  const grouped: string[] = [];
  parser.parse(text).iterate({
    enter: node => {
      if (node.type.isError) throw new Error(`no PromQL at ${node.from} of ${text}`);
      const own = () => text.slice(node.from, node.to);
      if (node.name === 'Identifier') metrics.push({ name: own(), labels: [] });
      if (node.name !== 'LabelName') return;
      if (node.node.parent?.name === 'GroupingLabels') grouped.push(own());
      else metrics.at(-1)?.labels.push(own());
    },
  });
  return { metrics, grouped };
}

const labelsOf = new Map<string, readonly string[]>();
let folder: string;
let engine: Engine;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-dashboards-'));
  engine = await createEngine({
    settings: loadSettings({ data: folder, port: 0, logLevel: 'silent' }, {}),
    version: '1.2.3',
    resourcesFolder: join(root, 'resources'),
    uiFolder: undefined,
  });
  const headers = { authorization: `Bearer ${engine.launchToken}` };
  const scraped = readPrometheusText(await (await fetch(`${engine.url}/metrics`, { headers })).text());
  const defined = new Map(
    Object.values(metricDefinitions).map(one => [
      one.name as string,
      'labels' in one ? Object.keys(one.labels) : [],
    ]),
  );
  for (const [name, { type, labels }] of scraped) {
    const known = defined.get(name) ?? [...labels];
    if (type !== 'histogram') labelsOf.set(name, known);
    else
      for (const part of ['_bucket', '_sum', '_count'])
        labelsOf.set(name + part, part === '_bucket' ? [...known, 'le'] : known);
  }
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

function expectKnown(expression: string): void {
  const { metrics, grouped } = namesIn(expression);
  expect(metrics.length, expression).toBeGreaterThan(0);
  const own: string[] = [];
  for (const { name, labels } of metrics) {
    const known = labelsOf.get(name);
    expect(known, `${name} in ${expression}`).toBeDefined();
    own.push(...(known ?? []));
    for (const label of labels) expect([...SCRAPE_LABELS, ...(known ?? [])], expression).toContain(label);
  }
  for (const label of grouped) expect([...SCRAPE_LABELS, ...own], expression).toContain(label);
}

describe('the dashboard for Grafana', () => {
  const text = JSON.parse(read('infra/grafana/cloudoptim.json')) as unknown;

  it('has the form of the current classic model, with units, thresholds and a chosen data source', () => {
    const { panels, templating } = dashboard.parse(text);
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance']);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  it('has no panels on top of each other', () => {
    const taken = new Set<string>();
    for (const { gridPos, title } of dashboard.parse(text).panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken, title).not.toContain(`${x} ${y}`);
          taken.add(`${x} ${y}`);
        }
  });

  it('asks for nothing that /metrics does not answer', () => {
    const { panels, templating } = dashboard.parse(text);
    for (const panel of panels) {
      if (panel.type === 'row') continue;
      for (const { expr, legendFormat } of panel.targets) {
        expectKnown(expr);
        const { grouped, metrics } = namesIn(expr);
        const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
        const there =
          grouped.length > 0 ? grouped : [...SCRAPE_LABELS, ...(labelsOf.get(metrics[0]?.name ?? '') ?? [])];
        for (const label of shown) expect(there, expr).toContain(label);
      }
    }
    for (const { definition } of templating.list) {
      const asked = /^label_values\((.+), \w+\)$/.exec(definition ?? '')?.[1];
      if (definition !== undefined) expectKnown(asked ?? '');
    }
  });
});

describe('the alerts for Prometheus', () => {
  const alerts = rules.parse(parse(read('infra/prometheus/alerts.yml'))).groups.flatMap(group => group.rules);

  it('ask for nothing that /metrics does not answer', () => {
    expect(alerts.length).toBeGreaterThan(10);
    for (const { expr } of alerts) expectKnown(expr);
  });

  it('have names of their own', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });
});

it('an expression that is none, or names what does not exist, is noticed', () => {
  expect(() => namesIn('sum(rate(cloudoptim_http_request_duration_seconds_count[5m])')).toThrow('no PromQL');
  expect(() => expectKnown('max(cloudoptim_clusters{status="away"})')).toThrow();
  expect(() => expectKnown('max(cloudoptim_cluster)')).toThrow();
  expect(() => expectKnown('sum by (kind) (cloudoptim_clusters)')).toThrow();
});
