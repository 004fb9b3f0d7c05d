import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import type { InventoryPod } from '../../common/agent-protocol/index.ts';
import { seededRandom } from '../../common/seeded-random.ts';
import { MS_PER_DAY } from '../../common/units/index.ts';
import { blockKey, blockOf, type WrittenDay, writeBlock } from '../../server/clusters/usage/day-block.ts';
import { dayOf, UsageDay } from '../../server/clusters/usage/usage-day.ts';
import { profileOf, type UsageProfile } from '../../server/clusters/usage/usage-profile.ts';
import { UsageStore } from '../../server/clusters/usage/usage-store.ts';
import { usageMigrations } from '../../server/clusters/usage/usage-tables.ts';
import { decideSizes } from '../../server/decisions/rightsizing/rightsizing-engine.ts';
import { defaultSizingPolicy as policy } from '../../server/decisions/rightsizing/sizing-policy.ts';
import { workloadsToSize } from '../../server/decisions/rightsizing/workloads-to-size.ts';
import { openSqlite } from '../../server/platform/index.ts';
import { figureLine, ratioLine, spreadOf } from '../figures.ts';

const CONTAINERS = Number(process.env.RIGHTSIZE_CONTAINERS ?? 50_000);
const DAYS = 14;
const RUNS = Number(process.env.RIGHTSIZE_RUNS ?? 5);
/** Of raw series: what is read and sorted, one sample a minute (VPA's and KRR's step is 1 to 1.25 minutes). */
const RAW_PER_DAY = 1440;
const RAW_SERIES = 500;
const TODAY = dayOf(Date.UTC(2026, 10, 26));
const say = (line: string) => process.stdout.write(`${line}\n`);

/** 50,000 containers × 14 days of sketches in a database file → recommendations, against reading raw series. */
export async function measureSpeed(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rightsize-'));
  const database = await openSqlite(folder, usageMigrations);
  try {
    const bytes = await fill(join(folder, 'cloudoptim.sqlite'));
    const store = new UsageStore(database);
    const pods = podsOf();
    const inventory = {
      nodes: [],
      pods,
      budgets: [],
      workloads: [],
      horizontalAutoscalers: [],
      verticalAutoscalers: [],
    };
    const allocatable = { cpuMilli: 64_000, memoryBytes: 256 * 2 ** 30, pods: 250 };
    const nodes = [{ name: 'n', allocatable, priceMicroUsdPerHour: 3_000_000 }];
    const reading: number[] = [];
    const deciding: number[] = [];
    const whole: number[] = [];
    const processor: number[] = [];
    let proposals = 0;
    let longest = 0;
    for (let run = 0; run < RUNS; run++) {
      const usedBefore = process.cpuUsage();
      const startedAt = performance.now();
      let turnAt = startedAt;
      const profiles: UsageProfile[] = [];
      const options = {
        cpuPercentile: policy.cpuPercentile,
        memoryPercentile: policy.memoryPercentile,
        recentDays: policy.recentDays,
        firstDay: TODAY - DAYS + 1,
        lastDay: TODAY,
      };
      for await (const part of store.blocks(await store.series('c1'), TODAY - DAYS + 1, TODAY)) {
        for (const { series, blocks } of part) {
          const profile = profileOf(series, blocks, options);
          if (profile) profiles.push(profile);
        }
        longest = Math.max(longest, performance.now() - turnAt);
        turnAt = performance.now();
      }
      const readAt = performance.now();
      const workloads = workloadsToSize(inventory, profiles, []);
      const answer = decideSizes(
        { clusterId: 'c1', asOf: (TODAY + 1) * MS_PER_DAY, workloads, nodes },
        policy,
      );
      const endedAt = performance.now();
      if (answer.proposals.length + answer.left.length !== CONTAINERS)
        throw new Error('a container was lost');
      proposals = answer.proposals.length;
      reading.push(readAt - startedAt);
      deciding.push(endedAt - readAt);
      whole.push(endedAt - startedAt);
      const { user, system } = process.cpuUsage(usedBefore);
      processor.push((user + system) / 1000);
    }
    say(
      `${CONTAINERS.toLocaleString('en-US')} containers × ${DAYS} days, ${proposals.toLocaleString('en-US')} recommendations`,
    );
    say(figureLine('bytes a container-day', spreadOf(bytes), 'B'));
    say(figureLine('sketches read and merged', spreadOf(reading), 'ms'));
    say(figureLine('  longest turn of the event loop', spreadOf([longest]), 'ms'));
    say(figureLine('recommendations made of them', spreadOf(deciding), 'ms'));
    say(figureLine('both (target: 1,000 ms)', spreadOf(whole), 'ms'));
    say(figureLine('  processor time of all threads', spreadOf(processor), 'ms'));
    const raw = rawSeries();
    say(figureLine(`raw series, a sample a minute (${RAW_SERIES} measured, scaled)`, spreadOf(raw), 'ms'));
    say(ratioLine('raw / sketches', spreadOf(raw).median / spreadOf(whole).median));
  } finally {
    await database.close();
    rmSync(folder, { recursive: true });
  }
}

/** Days of usage that differ by container: levels over two decades, a daily wave, noise, sometimes bursts. */
async function fill(path: string): Promise<number[]> {
  const random = seededRandom(1);
  // Many containers share a shape; each day of a shape is made once, 200 shapes of each.
  const shapes = Array.from({ length: 200 }, () => {
    const level = 10 * 100 ** random();
    const memory = 2 ** (25 + 8 * random());
    const isBursty = random() < 0.3;
    const noise = 0.05 + 0.3 * random();
    const pods = 1 + Math.floor(3 * random());
    return Array.from({ length: DAYS }, (_, back) => {
      const day = new UsageDay();
      const at = (TODAY - back) * MS_PER_DAY;
      for (let moment = 0; moment < 5760; moment++) {
        const wave = 1 + 0.4 * Math.sin((2 * Math.PI * moment) / 5760);
        day.add(
          Array.from({ length: pods }, () => ({
            at: at + moment * 15_000,
            cpuMilli: Math.ceil(
              level * wave * (1 + noise * random()) * (isBursty && random() < 0.02 ? 6 : 1),
            ),
            memoryBytes: Math.ceil(memory * (1 + 0.1 * random())),
            isStartUp: false,
          })),
        );
      }
      return { day: TODAY - back, body: day.write() };
    });
  });
  const blocks = shapes.map(days =>
    [...Map.groupBy(days, ({ day }: WrittenDay) => blockOf(day))].map(
      ([block, own]) => [block, Buffer.from(writeBlock(own))] as const,
    ),
  );
  const file = new BetterSqlite3(path);
  const addSeries = file.prepare(
    'insert into usage_series (id, cluster_id, workload, container) values (?, ?, ?, ?)',
  );
  const addDay = file.prepare('insert into usage_days (key, body) values (?, ?)');
  file.transaction(() => {
    for (let id = 1; id <= CONTAINERS; id++) {
      addSeries.run(id, 'c1', `Deployment/shop/w${id}`, 'app');
      for (const [block, body] of blocks[id % blocks.length] ?? []) addDay.run(blockKey(id, block), body);
    }
  })();
  file.close();
  const bytes = blocks.flat().reduce((sum, [, body]) => sum + body.length, 0);
  return [...shapes.flat().map(({ body }) => body.length), bytes / (blocks.length * DAYS)];
}

function podsOf(): InventoryPod[] {
  return Array.from({ length: CONTAINERS }, (_, index) => ({
    kind: 'Pod',
    namespace: 'shop',
    name: `w${index + 1}-0`,
    uid: `u${index}`,
    labels: {},
    nodeName: 'n',
    phase: 'Running',
    ready: true,
    terminating: false,
    createdAt: 0,
    ownerKind: 'Deployment',
    ownerName: `w${index + 1}`,
    requests: { cpuMilli: 1000, memoryBytes: 2 ** 30 },
    priority: null,
    nodeSelector: {},
    tolerations: [],
    hasLocalStorage: false,
    hasAffinity: false,
    isMirror: false,
    doNotDisrupt: false,
    containers: [{ name: 'app', requests: { cpuMilli: 1000, memoryBytes: 2 ** 30 }, limits: {} }],
  }));
}

/** What the same percentiles cost from raw series that are read from the same kind of file: a row of 8-byte floats a day. */
function rawSeries(): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'rightsize-raw-'));
  const file = new BetterSqlite3(join(folder, 'raw.sqlite'));
  try {
    file.exec('create table raw (key integer primary key, cpu blob, memory blob)');
    const insert = file.prepare('insert into raw values (?, ?, ?)');
    const random = seededRandom(2);
    file.transaction(() => {
      for (let id = 1; id <= RAW_SERIES; id++) {
        for (let day = 0; day < DAYS; day++) {
          const values = () => Buffer.from(Float64Array.from({ length: RAW_PER_DAY }, random).buffer);
          insert.run(blockKey(id, day), values(), values());
        }
      }
    })();
    const read = file.prepare('select cpu, memory from raw where key >= ? and key < ?');
    return Array.from({ length: RUNS }, () => {
      const startedAt = performance.now();
      let sum = 0;
      for (let id = 1; id <= RAW_SERIES; id++) {
        const days = read.all(blockKey(id, 0), blockKey(id + 1, 0)) as { cpu: Buffer; memory: Buffer }[];
        const cpu = new Float64Array(days.length * RAW_PER_DAY);
        let most = 0;
        days.forEach((day, index) => {
          cpu.set(new Float64Array(new Uint8Array(day.cpu).buffer), index * RAW_PER_DAY);
          for (const value of new Float64Array(new Uint8Array(day.memory).buffer))
            most = Math.max(most, value);
        });
        cpu.sort();
        sum += (cpu[Math.floor(policy.cpuPercentile * (cpu.length - 1))] ?? 0) + most;
      }
      if (!(sum > 0)) throw new Error('nothing was read');
      return ((performance.now() - startedAt) * CONTAINERS) / RAW_SERIES;
    });
  } finally {
    file.close();
    rmSync(folder, { recursive: true });
  }
}
