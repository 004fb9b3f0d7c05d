import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeView } from '../../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../../common/units/index.ts';
import type { PodMeasure } from '../../clusters/index.ts';
import type { ObservedCluster } from '../../decisions/index.ts';
import { type Database, openSqlite } from '../../platform/index.ts';
import { node, observed, pod, START } from '../testing/test-cluster.ts';
import { allocationReport } from './allocation-report.ts';
import { AllocationStore, HOURS_KEPT_MS } from './allocation-store.ts';
import { allocationMigrations } from './allocation-tables.ts';
import { keptShares } from './kept-shares.ts';
import { AllocationRecorder } from './record-allocation.ts';

const GIB = 2 ** 30;
let folder: string;
let database: Database;
let nowMs: number;
let view: ObservedCluster;
let measures: Map<string, PodMeasure>;
let recorder: AllocationRecorder;
let store: AllocationStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allocation-'));
  database = await openSqlite(folder, allocationMigrations);
  nowMs = START;
  measures = new Map();
  view = observed([priced(192_000)], [webPod()]);
  start();
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

function start(): void {
  store = new AllocationStore(database);
  recorder = new AllocationRecorder({
    store,
    clusters: {
      summaries: () => [{ id: 'c1', name: 'shop' }],
      state: () => view,
      measures: () => measures,
    },
    capacityOf: () => ({ cpuMilli: 4_000, memoryKib: 16 * 2 ** 20, gpus: 0, from: 'catalog' }),
    clock: { now: () => nowMs },
  });
}

function priced(price: number | null): NodeView {
  return { ...node('n1', price, 0), priceUnknownReason: price === null ? 'No Spot price on disk.' : null };
}

function webPod() {
  return {
    ...pod('n1'),
    labels: { team: 'checkout', 'pod-template-hash': 'abc' },
    containers: [
      { name: 'app', requests: { cpuMilli: 500, memoryBytes: GIB }, limits: {} },
      { name: 'proxy', requests: { cpuMilli: 100 }, limits: {} },
    ],
  };
}

async function pass(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    nowMs += MS_PER_MINUTE;
    await recorder.tick();
  }
}

async function report(
  fromMs: number,
  toMs: number,
  step: 'hour' | 'day' = 'day',
  groupBy?: 'label' | 'hour',
) {
  await recorder.settle();
  const { shares, ...range } = keptShares(store, { fromMs, toMs }, step, nowMs);
  return allocationReport(shares, { ...range, groupBy: groupBy ?? 'workload', label: 'team' }, id => id);
}

describe('recording', () => {
  it('shares out hour by hour, container by container the larger of request and usage', async () => {
    await recorder.tick();
    measures.set('shop/web-n1', {
      at: START + 2 * MS_PER_HOUR,
      used: { cpuMilli: 0, memoryBytes: 0 },
      containers: [
        { name: 'app', used: { cpuMilli: 1_400, memoryBytes: GIB / 2 } },
        { name: 'proxy', used: { cpuMilli: 50, memoryBytes: 0 } },
      ],
    });
    await pass(60);
    const answer = await report(START, START + MS_PER_HOUR);
    expect(answer.rows).toMatchObject([{ key: 'StatefulSet/shop/web', requestOnlyPodHours: 0, podHours: 1 }]);
    // max(500, 1400) + max(100, 50) milli-cores, max(1, 0.5) GiB.
    expect(answer.rows[0]?.cpuCoreHours).toBeCloseTo(1.5, 9);
    expect(answer.rows[0]?.memoryGibHours).toBeCloseTo(1, 9);
    expect(answer.totalMicroUsd).toBe(192_000);
    const { cpuMicroUsd, memoryMicroUsd } = answer.idle;
    expect((answer.rows[0]?.costMicroUsd ?? 0) + cpuMicroUsd + memoryMicroUsd).toBe(192_000);
  });

  it('counts with requests alone where usage is not known or too old, and says so', async () => {
    const used = { cpuMilli: 4_000, memoryBytes: 0 };
    const containers = ['app', 'proxy'].map(name => ({ name, used }));
    measures.set('shop/web-n1', { at: START - MS_PER_HOUR, used, containers });
    await recorder.tick();
    await pass(60);
    const { rows } = await report(START, START + MS_PER_HOUR);
    expect(rows[0]?.cpuCoreHours).toBeCloseTo(0.6, 9);
    expect(rows[0]?.requestOnlyPodHours).toBe(1);
  });

  it('never guesses: time without a price, with the agent away or the engine off is counted, not costed', async () => {
    await recorder.tick();
    await pass(20);
    view = observed([priced(null)], [webPod()]);
    await pass(10);
    view = observed([priced(192_000)], [webPod()], 'away');
    await pass(10);
    view = observed([priced(192_000)], [webPod()]);
    await pass(1);
    await recorder.settle();
    start();
    nowMs += 9 * MS_PER_MINUTE;
    await recorder.tick();
    await pass(10);
    const answer = await report(START, START + MS_PER_HOUR, 'hour');
    expect(answer.totalMicroUsd).toBe(96_000);
    expect(answer.unpriced).toEqual([{ reason: 'No Spot price on disk.', nodeHours: 1 / 6 }]);
    expect(answer.rows).toMatchObject([{ podHours: 0.5, unpricedPodHours: 1 / 6 }]);
  });

  it('calls the cost unknown, not nothing, of what only ran without a price', async () => {
    view = observed([priced(null)], [webPod()]);
    await recorder.tick();
    await pass(10);
    const { rows } = await report(START, START + MS_PER_HOUR);
    expect(rows).toMatchObject([{ costMicroUsd: null, unpricedPodHours: 1 / 6 }]);
  });

  it('goes on in the hour that an earlier process began, and cuts at hours and days', async () => {
    nowMs = START + MS_PER_DAY - 90 * MS_PER_MINUTE;
    await recorder.tick();
    await pass(45);
    await recorder.settle();
    start();
    await recorder.tick();
    await pass(60);
    const hours = await report(START, START + 2 * MS_PER_DAY, 'hour', 'hour');
    expect(hours.rows.map(row => Math.round(row.podHours * 60))).toEqual([30, 60, 15]);
    const days = await report(START, START + 2 * MS_PER_DAY);
    expect(days.rows[0]?.podHours).toBeCloseTo(105 / 60, 9);
    expect(days.totalMicroUsd).toBe(hours.totalMicroUsd);
  });

  it('groups by labels that pods carry', async () => {
    await recorder.tick();
    await pass(10);
    const { rows } = await report(START, START + MS_PER_HOUR, 'day', 'label');
    expect(rows.map(row => row.name)).toEqual(['checkout']);
  });

  it('keeps days when their hours have gone, and computes anew what is still measured', async () => {
    await recorder.tick();
    await pass(60);
    nowMs = START + MS_PER_DAY;
    await recorder.tick();
    const [kept] = [await store.measured('c1', START)];
    if (!kept) throw new Error('nothing was kept');
    for (const one of kept.nodes.values()) one.priceMs *= 2n;
    const body = { hour: kept, shares: (await store.hours(START, START + 1).next()).value?.shares };
    if (!body.shares) throw new Error('no shares were kept');
    await store.saveHours([{ hour: kept, shares: body.shares }]);
    expect((await report(START, START + MS_PER_DAY)).totalMicroUsd).toBe(192_000);
    expect(await recorder.recompute('c1', START)).toEqual({ hours: 1 });
    expect((await report(START, START + MS_PER_DAY)).totalMicroUsd).toBe(384_000);

    nowMs = START + HOURS_KEPT_MS + 3 * MS_PER_DAY;
    await recorder.tick();
    expect(await store.measured('c1', START)).toBeUndefined();
    expect((await report(START, START + MS_PER_DAY)).totalMicroUsd).toBe(384_000);
    expect(await recorder.recompute('c1', START)).toBeUndefined();
  });
});
