import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  api,
  type ForecastSummary,
  importUploadPath,
  type Model,
  modelUploadPath,
} from '../../common/contracts/index.ts';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';
import { linearModel } from '../support/linear-model.ts';

/** Forecasts of prices and interruptions as somebody asks for them over HTTP, on a clock that the test turns. */
const root = join(import.meta.dirname, '..', '..');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 10, 23, 12);
const POOLS = ['m5.large', 'c5.large'].flatMap(type =>
  ['us-east-1a', 'us-east-1b'].map(zone => ({ type, zone, key: `us-east-1/${zone}/${type}/Linux/UNIX` })),
);
const [first = { type: '', zone: '', key: '' }] = POOLS;

let nowMs = NOW_MS;
let data: string;
let engine: Engine;
let bands: string;
let risks: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'cloudoptim-forecast-tasks-'));
  engine = await createEngine({
    settings: loadSettings({ data, port: 0, logLevel: 'silent' }, {}),
    version: '0.0.0',
    resourcesFolder: join(root, 'resources'),
    uiFolder: undefined,
    clock: { now: () => nowMs },
  });
  await importPrices();
  const base = {
    version: '1.0.0',
    trainedUntil: new Date(NOW_MS - 20 * DAY_MS).toISOString(),
    horizonHours: 24,
    scope: { regions: ['us-east-1'], instanceTypes: ['m5.large', 'c5.large'] },
  };
  bands = await uploadModel(
    linearModel(
      [-0.02, 0, 0.02].map((bias, index) => ({
        name: `p${[90, 50, 10][index]}`,
        weights: [index === 1 ? 0.5 : 0],
        bias,
      })),
    ),
    {
      ...base,
      name: 'Bands',
      task: 'spot-price',
      target: 'log-return',
      features: [{ name: 'return_24h' }],
      // Upside down: every band crosses.
      outputs: [
        { name: 'p90', quantile: 0.9 },
        { name: 'p50', quantile: 0.5 },
        { name: 'p10', quantile: 0.1 },
      ],
    },
  );
  risks = await uploadModel(linearModel([{ name: 'p', weights: [5], bias: -3, isLogistic: true }]), {
    ...base,
    name: 'Risks',
    task: 'interruption',
    target: 'probability',
    features: [{ name: 'last_price_usd' }],
  });
});
afterAll(async () => {
  await engine.close();
  rmSync(data, { recursive: true, force: true });
});

const priceAt = (place: number, atMs: number) =>
  0.1 + place / 10 + 0.01 * Math.sin((2 * Math.PI * atMs) / (5 * DAY_MS) + place);

async function importPrices(): Promise<void> {
  const rows = ['AvailabilityZone,InstanceType,ProductDescription,SpotPrice,Timestamp'];
  for (const [place, { type, zone }] of POOLS.entries()) {
    for (let atMs = NOW_MS - 75 * DAY_MS; atMs <= NOW_MS + 2 * HOUR_MS; atMs += 3 * HOUR_MS) {
      rows.push(
        `${zone},${type},Linux/UNIX,${priceAt(place, atMs).toFixed(6)},${new Date(atMs).toISOString()}`,
      );
    }
  }
  const form = new FormData();
  form.append('file', new Blob([`${rows.join('\n')}\n`]), 'prices.csv');
  // Records must lie in the past of the engine; they end two hours ahead so that later ones need no second file.
  nowMs = NOW_MS + 3 * HOUR_MS;
  const sent = await fetch(engine.url + importUploadPath, { method: 'POST', headers: headers(), body: form });
  const { jobId } = (await sent.json()) as { jobId: string };
  await vi.waitFor(
    async () => {
      const { body } = await get<{ state: string }>(`/api/v1/ml/market/imports/${jobId}`);
      expect(body.state).toBe('succeeded');
    },
    { timeout: 20_000 },
  );
  nowMs = NOW_MS;
}

async function uploadModel(bytes: Uint8Array, manifest: object): Promise<string> {
  const form = new FormData();
  form.append('manifest', JSON.stringify(manifest));
  form.append('file', new Blob([new Uint8Array(bytes)]), 'made.onnx');
  const sent = await fetch(engine.url + modelUploadPath, { method: 'POST', headers: headers(), body: form });
  const text = await sent.text();
  expect(sent.status, text).toBe(200);
  const model = JSON.parse(text) as Model;
  await settled(model.id);
  return model.id;
}

/** Runs a forecast as of now and waits for it. */
async function settled(modelId: string): Promise<ForecastSummary> {
  await post(api.forecasts.evaluateModel.path, { modelId });
  await vi.waitFor(async () => expect((await summaryOf(modelId))?.state).not.toBe('running'), {
    timeout: 20_000,
  });
  const summary = await summaryOf(modelId);
  if (!summary) throw new Error('There is no summary.');
  expect(summary.state, summary.message ?? '').toBe('ready');
  return summary;
}

async function summaryOf(modelId: string): Promise<ForecastSummary | undefined> {
  const { body } = await get<{ forecasts: ForecastSummary[] }>(api.forecasts.forecastSummaries.path);
  return body.forecasts.find(summary => summary.modelId === modelId);
}

const headers = (secret = engine.launchToken) => ({ authorization: `Bearer ${secret}` });

interface Answer<T> {
  readonly status: number;
  readonly body: T & { readonly error?: { readonly code: string; readonly message: string } };
}

async function get<T>(path: string): Promise<Answer<T>> {
  const answer = await fetch(engine.url + path, { headers: headers() });
  return { status: answer.status, body: (await answer.json()) as Answer<T>['body'] };
}

async function post<T>(path: string, body: unknown, secret?: string): Promise<Answer<T>> {
  const answer = await fetch(engine.url + path, {
    method: 'POST',
    headers: { ...headers(secret), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Answer<T>['body'] };
}

const recompute = (model: string, query: Record<string, string>) =>
  get<ReturnType<typeof api.forecasts.recomputePrediction.response.parse>>(
    `/api/v1/ml/forecasts/${model}/recompute?${new URLSearchParams(query)}`,
  );

describe('prices with a band', () => {
  it('are predicted in order with their hashes, and nothing of how they are kept is told', async () => {
    const { status, body } = await post(api.forecasts.predictSpotPrice.path, {
      modelId: bands,
      pools: [first.key],
    });
    expect(status).toBe(200);
    const answer = api.forecasts.predictSpotPrice.response.strict().parse(body);
    const [made] = answer.predictions;
    expect(made?.quantiles.map(({ q }) => q)).toEqual([0.1, 0.5, 0.9]);
    const prices = made?.quantiles.map(({ priceMicroUsdPerHour }) => priceMicroUsdPerHour) ?? [];
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
    expect(made?.priceMicroUsdPerHour).toBe(prices[1]);
    expect(Object.keys(made ?? {})).not.toContain('isCrossed');
    expect(answer.hashes.data).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are judged with their band, all crossings counted, against persistence and past changes', async () => {
    const { evaluation, comparedUntilMs, task } = await settled(bands);
    expect({ task, comparedUntilMs }).toEqual({ task: 'spot-price', comparedUntilMs: NOW_MS });
    expect(evaluation?.band).toMatchObject({ nominalCoverage: 0.8, levels: [0.1, 0.5, 0.9] });
    expect(evaluation?.band?.crossed).toBe(evaluation?.band?.points);
    expect(evaluation?.band?.points).toBe(evaluation?.points);
  });

  it('are drawn beside what happened, persistence and the week before', async () => {
    const query = new URLSearchParams({
      pool: first.key,
      fromMs: `${NOW_MS - DAY_MS}`,
      toMs: `${NOW_MS + DAY_MS}`,
    });
    const { status, body } = await get(`/api/v1/ml/forecasts/${bands}/series?${query}`);
    expect(status).toBe(200);
    const { predictions } = api.forecasts.forecastSeries.response.parse(body);
    const ahead = predictions.find(({ forMs }) => forMs === NOW_MS + DAY_MS);
    expect(ahead?.actualMicroUsdPerHour).toBeNull();
    expect(ahead?.seasonalMicroUsdPerHour).toBe(Math.round(priceAt(0, NOW_MS - 6 * DAY_MS) * 1e6));
    const pools = await get(`/api/v1/ml/forecasts/${bands}/pools`);
    const lines = api.forecasts.forecastPools.response.parse(pools.body).pools;
    expect(lines.map(line => line.pool)).toEqual(POOLS.map(({ key }) => key).toSorted());
    for (const line of lines) expect(line.persistenceMaeUsd).toBeGreaterThan(0);
  });

  it('are recomputed to the bit', async () => {
    for (const { key } of POOLS) {
      const { status, body } = await recompute(bands, { pool: key, madeAt: `${NOW_MS - 6 * HOUR_MS}` });
      expect(status).toBe(200);
      expect(body).toMatchObject({ verdict: 'equal', pool: key, recomputedOutputs: body.keptOutputs });
      expect(body.keptOutputs).toHaveLength(3);
      expect(body.recomputedQuantiles).toEqual(body.keptQuantiles);
    }
  });

  it.each<[string, () => [string, Record<string, string>], number, string]>([
    [
      'no pool',
      () => [bands, { pool: 'm5.large', madeAt: `${NOW_MS}` }],
      400,
      'a pool is region/zone/instanceType/product',
    ],
    ['no time', () => [bands, { pool: first.key, madeAt: 'yesterday' }], 400, 'madeAt'],
    ['a part of a millisecond', () => [bands, { pool: first.key, madeAt: '1.5' }], 400, 'madeAt'],
    ['nothing', () => [bands, {}], 400, 'pool'],
    [
      'a time without a prediction',
      () => [bands, { pool: first.key, madeAt: `${NOW_MS - 1}` }],
      404,
      '11:59:59.999Z',
    ],
    [
      'a time beyond all calendars',
      () => [bands, { pool: first.key, madeAt: '9007199254740991' }],
      404,
      'no prediction',
    ],
    [
      'a pool without prices',
      () => [bands, { pool: 'us-east-1/us-east-1z/m5.large/Linux/UNIX', madeAt: `${NOW_MS}` }],
      404,
      'us-east-1z',
    ],
    [
      'an unknown model',
      () => ['model-unknown', { pool: first.key, madeAt: `${NOW_MS}` }],
      404,
      'model-unknown',
    ],
  ])('are not recomputed for %s, and the answer names it', async (_, ask, status, words) => {
    const answer = await recompute(...ask());
    expect(answer.status).toBe(status);
    expect(answer.body.error?.message).toContain(words);
  });
});

describe('interruptions', () => {
  let secret: string;
  let seq = 0;
  const spotNode = (name: string, { type, zone } = first) => ({
    kind: 'Node',
    name,
    uid: `uid-${name}`,
    providerId: `aws:///${zone}/i-${name}`,
    labels: {
      'topology.kubernetes.io/zone': zone,
      'topology.kubernetes.io/region': 'us-east-1',
      'node.kubernetes.io/instance-type': type,
      'karpenter.sh/capacity-type': 'spot',
    },
    taints: [],
    unschedulable: false,
    ready: true,
    createdAt: 1,
    allocatable: { cpuMilli: 2_000, memoryBytes: 8e9, pods: 29 },
  });
  const report = async (...bodies: object[]) => {
    const messages = bodies.map(body => ({ seq: ++seq, at: nowMs, body }));
    const answer = await post('/api/v1/client/metrics', { bootEpoch: 1, messages }, secret);
    expect(answer.body).toMatchObject({ ackedSeq: seq });
  };
  const event = (reason: string, name: string) => ({
    kind: 'event',
    reason,
    object: `Node//${name}`,
    message: 'as the cluster says it',
    severity: 'warning',
  });
  const lineOf = async (key: string) => {
    const { body } = await get(`/api/v1/ml/forecasts/${risks}/risks`);
    return api.forecasts.riskPools.response.parse(body).pools.find(({ pool }) => pool === key);
  };

  it('are noted from what an agent reports, with the hours that nodes ran; other events are not', async () => {
    const token = await post<{ token: string }>('/api/v1/admin/enrolment/tokens', { clusterName: 'shop' });
    const enrolled = await post<{ agentId: string; key: string }>('/api/v1/client/enrol', {
      joinToken: token.body.token,
      agentVersion: '1.0.0',
      instanceId: 'i',
    });
    secret = `${enrolled.body.agentId}.${enrolled.body.key}`;
    const onDemand = spotNode('d');
    onDemand.labels['karpenter.sh/capacity-type'] = 'on-demand';
    const objects = [spotNode('a'), spotNode('b'), spotNode('c', POOLS[3]), onDemand];
    await report({ kind: 'inventory.snapshot', objects, kubernetesVersion: 'v1.33.0' });
    await expect.poll(async () => (await lineOf(first.key))?.nodeHours, { timeout: 10_000 }).toBe(0);

    nowMs = NOW_MS + HOUR_MS;
    await report(
      event('SpotRebalanceRecommendation', 'b'),
      event('SpotInterrupted', 'd'),
      event('SpotInterrupted', 'a'),
    );
    // The notice itself makes a new round: a and b ran for an hour until now.
    await expect.poll(async () => (await lineOf(first.key))?.interruptions, { timeout: 10_000 }).toBe(1);
    expect(await lineOf(first.key)).toMatchObject({ nodeHours: 2, interruptions: 1 });
    expect(await lineOf(POOLS[3]?.key ?? '')).toMatchObject({ nodeHours: 1, interruptions: 0 });
    await report(event('SpotInterruption', 'c'));
    await expect
      .poll(async () => (await lineOf(POOLS[3]?.key ?? ''))?.interruptions, { timeout: 10_000 })
      .toBe(1);
    nowMs = NOW_MS;
  });

  it('are predicted by a model that is named; without one the advisor answers and says so', async () => {
    const pools = [first.key, 'us-east-1/us-east-1a/x9.huge/Linux/UNIX'];
    const named = await post(api.forecasts.predictInterruption.path, { modelId: risks, pools });
    const { modelId, hashes, risks: told } = api.forecasts.predictInterruption.response.parse(named.body);
    expect({ modelId, hashes: hashes?.data?.length }).toEqual({ modelId: risks, hashes: 64 });
    const price = Math.round(priceAt(0, NOW_MS) * 1e6) / 1e6;
    expect(told[0]).toMatchObject({ source: 'model', horizonHours: 24 });
    expect(told[0]?.probability).toBeCloseTo(1 / (1 + Math.exp(3 - 5 * price)), 12);
    expect(told[1]).toMatchObject({ source: null, probability: null, maxPercentPerMonth: null });

    const advised = await post(api.forecasts.predictInterruption.path, { pools });
    const answer = api.forecasts.predictInterruption.response.parse(advised.body);
    expect(answer).toMatchObject({ modelId: null, hashes: null });
    expect(answer.risks[0]).toMatchObject({ source: 'advisor', probability: null });
    expect(answer.risks[0]?.maxPercentPerMonth).toBeGreaterThan(0);
  });

  it('are recomputed to the bit, and judged once there is enough to judge', async () => {
    const { body } = await recompute(risks, { pool: first.key, madeAt: `${NOW_MS}` });
    expect(body).toMatchObject({ verdict: 'equal', keptPriceMicroUsdPerHour: null });
    expect(body.keptProbability).toBe(body.recomputedProbability);
    const summary = await settled(risks);
    expect(summary).toMatchObject({ task: 'interruption', serving: 'advisor', evaluation: null, risk: null });
  });

  it.each<[string, () => [string, object], string]>([
    [
      'a model for prices',
      () => [api.forecasts.predictInterruption.path, { modelId: bands, pools: [first.key] }],
      '"Bands" is a model for spot-price, not for interruption.',
    ],
    [
      'a model for interruptions where prices are asked for',
      () => [api.forecasts.predictSpotPrice.path, { modelId: risks }],
      '"Risks" is a model for interruption, not for spot-price.',
    ],
    [
      'what is no pool',
      () => [api.forecasts.predictInterruption.path, { pools: ['m5.large'] }],
      'a pool is region/zone/instanceType/product',
    ],
    [
      'an experiment',
      () => [api.experiments.startExperiment.path, { challengerId: risks, mode: 'shadow' }],
      'experiments compare price forecasts',
    ],
  ])('refuse %s in one sentence', async (_, ask, words) => {
    const { status, body } = await post(...ask());
    expect(status).toBe(400);
    expect(body.error?.message).toContain(words);
  });
});
