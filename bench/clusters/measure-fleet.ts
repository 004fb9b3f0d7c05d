import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import BetterSqlite3 from 'better-sqlite3';
import type { AgentMessageBatch, InventoryObject } from '../../common/agent-protocol/index.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../common/units/index.ts';
import { clusterMigrations, createClusters } from '../../server/clusters/index.ts';
import { testNode, testPod } from '../../server/clusters/testing/test-objects.ts';
import { AuditLog, auditMigrations, createLog, LiveHub, openSqlite } from '../../server/platform/index.ts';
import { figureLine, spreadOf } from '../figures.ts';

const NODES = 20;
const PODS_PER_NODE = 10;
const MINUTES = 30;

/** What an engine holds for clusters, of which each has 20 nodes and 200 pods: memory, disk, and the work of each second and minute. */
export async function measureFleet(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-fleet-'));
  const database = await openSqlite(folder, { ...auditMigrations, ...clusterMigrations });
  const clock = { ms: Date.UTC(2026, 0, 1), now: () => clock.ms };
  const clusters = await createClusters({
    database,
    live: new LiveHub(),
    clock,
    log: createLog('silent'),
    audit: new AuditLog(database, clock),
    priceOfNode: async () => ({
      priceMicroUsdPerHour: 96_000,
      provenance: { source: 'bench', asOf: clock.ms },
    }),
  });
  const heapBefore = heapBytes();
  const bytesBefore = await database.sizeBytes();
  for (let n = 0; n < count; n++) {
    const { token } = await clusters.createJoinToken(`c${n}`);
    const { agentId, clusterId } = await clusters.enrol({
      joinToken: token,
      agentVersion: '1.0.0',
      instanceId: 'one',
    });
    await clusters.agents.receive({ agentId, clusterId }, snapshot(n, clock.ms));
  }
  const heapEach = (heapBytes() - heapBefore) / count;
  const bytesEach = ((await database.sizeBytes()) - bytesBefore) / count;

  // Nobody is connected here: a sign of life makes clusters live, as a connection does.
  const ids = clusters.summaries().map(({ id }) => id);
  const live = () => {
    for (const id of ids) clusters.agents.seen(id);
  };
  await clusters.refreshPrices();
  const summaries = cpuOf(() => clusters.summaries());
  live();
  await clusters.sweep();
  const seconds: number[] = [];
  const minutes: number[] = [];
  for (let minute = 0; minute < MINUTES; minute++) {
    clock.ms += MS_PER_MINUTE;
    live();
    minutes.push(await cpuOfAsync(() => clusters.sweep()));
    seconds.push(await cpuOfAsync(() => clusters.sweep()));
  }
  const history = await clusters.costHistory(clock.ms - MS_PER_DAY, clock.ms + 1);
  if (history.length !== MINUTES) throw new Error(`${history.length} of ${MINUTES} minutes are told`);
  const reading = await cpuOfAsync(() => clusters.costHistory(clock.ms - MS_PER_DAY, clock.ms + 1));
  const samples = MINUTES * count;
  await clusters.stop();
  await database.close();
  const sampleBytes = bytesOnDisk(join(folder, 'cloudoptim.sqlite'), 'cost_samples') / samples;
  rmSync(folder, { recursive: true });

  const each = (values: readonly number[]) => spreadOf(values.map(value => (1_000 * value) / count));
  process.stdout.write(
    [
      `${count} clusters of ${NODES} nodes and ${NODES * PODS_PER_NODE} pods; processor time for each cluster`,
      figureLine('memory of a cluster', spreadOf([heapEach / 1024]), 'KiB'),
      figureLine('disk of a cluster, inventory', spreadOf([bytesEach / 1024]), 'KiB'),
      figureLine('summary of a cluster', each([summaries]), 'µs'),
      figureLine('round of a second', each(seconds), 'µs'),
      figureLine('round of a minute, with its cost sample', each(minutes), 'µs'),
      figureLine('disk of a cost sample', spreadOf([sampleBytes]), 'bytes'),
      figureLine('reading a cost sample', spreadOf([(1_000 * reading) / samples]), 'µs'),
      '',
    ].join('\n'),
  );
}

function snapshot(n: number, at: number): AgentMessageBatch {
  const nodes = Array.from({ length: NODES }, (_, index) => `node-${n}-${index}`);
  const objects: InventoryObject[] = nodes.flatMap(name => [
    testNode(name, {
      labels: {
        'topology.kubernetes.io/zone': 'us-east-1a',
        'topology.kubernetes.io/region': 'us-east-1',
        'node.kubernetes.io/instance-type': 'm5.large',
        'karpenter.sh/capacity-type': 'on-demand',
      },
    }),
    ...Array.from({ length: PODS_PER_NODE }, (_, slot) =>
      testPod(`${name}-pod-${slot}`, name, { namespace: `team-${slot}`, labels: { app: `web-${slot}` } }),
    ),
  ]);
  const body = { kind: 'inventory.snapshot', objects, kubernetesVersion: 'v1.35.0' } as const;
  return { bootEpoch: 1, messages: [{ seq: 1, at, body }] } as never;
}

/** After everything that nobody holds is gone. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}

/** Of a table and its indexes. */
function bytesOnDisk(path: string, table: string): number {
  const database = new BetterSqlite3(path, { readonly: true });
  const bytes = database
    .prepare(
      'select sum(pgsize) from dbstat where name in (select name from sqlite_master where tbl_name = ?)',
    )
    .pluck()
    .get(table);
  database.close();
  return Number(bytes);
}

function cpuOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function cpuOfAsync(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
