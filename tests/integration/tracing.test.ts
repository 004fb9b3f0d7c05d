import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';
import { createLog } from '../../server/platform/index.ts';
import { type Ec2Endpoint, startEc2Endpoint } from '../../simulator/ec2-endpoint/index.ts';
import { reportLargeCluster } from '../support/large-cluster.ts';
import { openMarketOfTest } from '../support/market-of-test.ts';
import { type ReceivedSpan, type SpanCollector, startSpanCollector } from '../support/span-collector.ts';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const DAY_MS = 86_400_000;
/** As another program that traces sends it: version, trace, span, sampled. */
const caller = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' };
const traceparent = `00-${caller.trace}-${caller.span}-01`;
const ownAccess = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'very-secret-key-of-aws' };
const before = Object.keys(ownAccess).map(name => [name, process.env[name]] as const);
const password = 'correct horse battery staple';

let folder: string;
let collector: SpanCollector;
let endpoint: Ec2Endpoint;
let engine: Engine;
let launchToken = '';
let requestId: string | null = null;
let created = { secret: '' };
const lines: Record<string, unknown>[] = [];

async function ask<Answer>(
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(engine.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${launchToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  requestId = answer.headers.get('x-request-id');
  return (await answer.json()) as Answer;
}
/** What was sent, once the engine has ended: it sends what waits. */
const named = (name: string): ReceivedSpan[] => collector.spans.filter(span => span.name === name);
const only = (spans: readonly ReceivedSpan[]): ReceivedSpan => {
  expect(spans).toHaveLength(1);
  return spans[0] as ReceivedSpan;
};

let tokenRequest: string | null = null;
let clusterId = '';
let jobId = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-tracing-'));
  collector = await startSpanCollector();
  const market = await openMarketOfTest(undefined);
  endpoint = await startEc2Endpoint({ market, clock: Date.now, accessKeyIds: [ownAccess.AWS_ACCESS_KEY_ID] });
  Object.assign(process.env, ownAccess);
  const settings = loadSettings(
    { data: folder, port: 0, ec2Endpoint: endpoint.url },
    { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  );
  engine = await createEngine({
    settings,
    version: '1.2.3',
    resourcesFolder: join(root, 'resources'),
    uiFolder: undefined,
    log: createLog('debug', { write: line => void lines.push(JSON.parse(line)) }),
  });
  ({ launchToken } = engine);

  created = await ask('/api/v1/admin/tokens', { label: 'traced', role: 'viewer' }, { traceparent });
  tokenRequest = requestId;
  await ask('/api/v1/access/session', { name: 'Nobody', password }, {});
  await ask('/api/v1/admin/clusters?secret=in-a-query');
  clusterId = await reportLargeCluster({ url: engine.url, ask } as never, 'traced', 3);
  await ask('/api/v1/optimization/trigger', { clusterId });
  const scope = { regions: ['us-east-1'], instanceTypes: ['m5.large'] };
  const fill = await ask<{ jobId: string; state: string }>('/api/v1/ml/gap-filler/fill', {
    scope,
    fromMs: Date.now() - DAY_MS,
  });
  jobId = fill.jobId;
  for (let tries = 0; tries < 200; tries++) {
    const { state } = await ask<{ state: string }>(`/api/v1/ml/gap-filler/fill/${jobId}`);
    if (state === 'succeeded') break;
    await pause(50);
  }
  await engine.close();
}, 60_000);
afterAll(async () => {
  await endpoint.close();
  await collector.close();
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true });
});

describe('spans that a collector receives', () => {
  it('are those of a request: under the caller’s, with its writes under it', () => {
    const request = only(named('POST /api/v1/admin/tokens'));
    expect(request).toMatchObject({
      traceId: caller.trace,
      parentSpanId: caller.span,
      kind: 2,
      hasFailed: false,
      service: 'cloudoptim',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/api/v1/admin/tokens',
        'http.response.status_code': 200,
        'cloudoptim.request_id': tokenRequest,
      },
    });
    const writes = named('database.write').filter(({ traceId }) => traceId === caller.trace);
    // The audit entry, then the token.
    expect(writes).toHaveLength(2);
    for (const write of writes) {
      expect(write.parentSpanId).toBe(request.spanId);
      expect(write).toMatchObject({ kind: 3, attributes: { 'db.system.name': 'sqlite' } });
    }
  });

  it('are named in the lines of the log that were written inside of them', () => {
    const own = lines.filter(line => line.requestId === tokenRequest);
    expect(own.length).toBeGreaterThan(0);
    expect(own.map(({ traceId }) => traceId)).toContain(caller.trace);
  });

  it('begin a trace of their own where the caller names none', () => {
    const request = only(named('GET /api/v1/admin/clusters'));
    expect(request.parentSpanId).toBe('');
    expect(request.traceId).not.toBe(caller.trace);
  });

  it('are those of a batch of an agent, under the request that brought it', () => {
    const batches = named('agent.batch');
    expect(batches.length).toBeGreaterThanOrEqual(2);
    for (const batch of batches) {
      const parent = collector.spans.find(({ spanId }) => spanId === batch.parentSpanId);
      expect(parent?.name).toBe('POST /api/v1/client/metrics');
      expect(batch.attributes).toMatchObject({ 'cloudoptim.cluster.id': clusterId });
    }
  });

  it('are those of a run of a decision engine, under the request that asked for it', () => {
    const made = only(named('decision.run'));
    const parent = collector.spans.find(({ spanId }) => spanId === made.parentSpanId);
    expect(parent?.name).toBe('POST /api/v1/optimization/trigger');
    expect(made.attributes).toMatchObject({ 'cloudoptim.cluster.id': clusterId });
  });

  it('are those of a job, in a trace of its own, with its requests to EC2 under it', () => {
    const job = named('job gap-fill').find(({ attributes }) => attributes['cloudoptim.job.id'] === jobId);
    expect(job).toMatchObject({ parentSpanId: '', hasFailed: false });
    const asked = named('ec2.DescribeSpotPriceHistory').filter(({ traceId }) => traceId === job?.traceId);
    expect(asked.length).toBeGreaterThan(0);
    for (const one of asked)
      expect(one).toMatchObject({
        parentSpanId: job?.spanId,
        kind: 3,
        attributes: { 'cloud.region': 'us-east-1' },
      });
  });

  it('hold no secret, no body and no query', () => {
    expect(collector.text()).toContain('cloudoptim.request_id');
    expect(created.secret.length).toBeGreaterThan(10);
    for (const secret of [
      launchToken,
      created.secret,
      password,
      ownAccess.AWS_SECRET_ACCESS_KEY,
      'Nobody',
      'in-a-query',
    ])
      expect(collector.text()).not.toContain(secret);
  });
});

describe('without a collector', () => {
  it('nothing of it is loaded', async () => {
    const script = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
      const { createEngine, loadSettings } = await import(${JSON.stringify(join(root, 'server/index.ts'))});
      const engine = await createEngine({
        settings: loadSettings({ data: process.argv[1], port: 0, logLevel: 'silent' }, {}),
        version: '0.0.0', resourcesFolder: ${JSON.stringify(join(root, 'resources'))}, uiFolder: undefined,
      });
      await engine.close();
      console.log(JSON.stringify({ all: loaded.length, traces: loaded.filter(url => /@opentelemetry\\/(sdk|otlp|exporter|resources|core)|open-telemetry\\.ts/.test(url)) }));
    `;
    const data = join(folder, 'untraced');
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, data]);
    const { all, traces } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as {
      all: number;
      traces: string[];
    };
    expect(all).toBeGreaterThan(300);
    expect(traces).toEqual([]);
  });
});

describe('a collector that is away', () => {
  it('costs a line in the log, and the engine ends in time', async () => {
    const told: Record<string, unknown>[] = [];
    const settings = loadSettings(
      { data: join(folder, 'away'), port: 0, otlpEndpoint: 'http://127.0.0.1:9' },
      {},
    );
    engine = await createEngine({
      settings,
      version: '1.2.3',
      resourcesFolder: join(root, 'resources'),
      uiFolder: undefined,
      log: createLog('warn', { write: line => void told.push(JSON.parse(line)) }),
    });
    ({ launchToken } = engine);
    for (let n = 0; n < 3; n++) expect(await ask('/api/v1/admin/clusters')).toEqual({ clusters: [] });
    await engine.close();
    const complaints = told.filter(({ msg }) => msg === 'traces could not be sent');
    expect(complaints.length).toBeLessThanOrEqual(1);
  });
});
