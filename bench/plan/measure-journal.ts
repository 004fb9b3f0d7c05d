import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan, PlanNode, PlanPod } from '../../common/contracts/index.ts';
import { decisionMigrations } from '../../server/decisions/decision-tables.ts';
import { executorActor, PlanJournal } from '../../server/decisions/plan-journal.ts';
import { freshSteps, withStep } from '../../server/decisions/plan-progress.ts';
import { PlanStore } from '../../server/decisions/plan-store.ts';
import { AuditLog, auditMigrations, LiveHub, openSqlite } from '../../server/platform/index.ts';
import { figureLine, spreadOf } from '../figures.ts';
import { watchEventLoop } from './event-loop-watch.ts';

/** Plans of a cluster that were carried out before. */
const PAST = 8;

/**
 * What it costs the engine to keep a plan for a large cluster: to save it, to note a step, to look at it, to find it superseded, and to
 * look back on those before it. In processor time of this thread, whatever else the machine does.
 * @returns what took more than `mostMs` of it in one turn
 */
export async function measureJournal(
  nodes: number,
  pods: number,
  runs: number,
  mostMs: number,
  say: (line: string) => void,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-journal-'));
  const database = await openSqlite(folder, { ...auditMigrations, ...decisionMigrations });
  const clock = { now: () => Date.now() };
  const store = new PlanStore(database);
  const parts = { store, audit: new AuditLog(database, clock), live: new LiveHub(), clock };
  const journal = new PlanJournal(parts);
  try {
    for (let past = 0; past < PAST; past++)
      await journal.propose(startedPlan(`past-${past}`, 'succeeded', nodes, pods), executorActor);
    await journal.propose(startedPlan('under-way', 'running', nodes, pods), executorActor);
    let next = 0;
    const fresh = Array.from({ length: runs }, (_, run) =>
      startedPlan(`new-${run}`, 'proposed', nodes, pods),
    );
    const works: [string, () => Promise<unknown>][] = [
      ['a plan is saved', () => journal.propose(fresh[next++] as Plan, executorActor)],
      [
        'a step is noted',
        () => journal.note('under-way', one => withStep(one, 7, { detail: `${next++} of 9 pods evicted` })),
      ],
      ['plans under way are looked at', () => store.plansIn(['running', 'stopping'], 'c1')],
      [
        'a plan is superseded',
        () =>
          journal.change(`new-${next++ % runs}`, {
            from: ['proposed', 'stale'],
            actor: executorActor,
            action: 'plan.superseded',
            apply: one => ({ ...one, state: 'stale', outcome: 'A newer run made a new plan.' }),
          }),
      ],
      [
        `${PAST} plans before are looked back on`,
        () => store.startedPlans('c1', Date.now() - 24 * 3_600_000),
      ],
    ];
    const missed: string[] = [];
    for (const [name, work] of works) {
      next = 0;
      const own: number[] = [];
      const all: number[] = [];
      for (let run = 0; run < runs; run++) {
        const before = process.threadCpuUsage();
        const { stalls } = await watchEventLoop(work);
        const used = process.threadCpuUsage(before);
        own.push(stalls.longestOwnMs);
        all.push((used.user + used.system) / 1000);
      }
      const turn = spreadOf(own);
      say(figureLine(`  ${name}: own work in all`, spreadOf(all), 'ms'));
      say(figureLine('    most of it in a turn', turn, 'ms'));
      if (turn.median > mostMs) missed.push(name);
    }
    return missed;
  } finally {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A plan that empties a third of the nodes of a cluster in waves of a tenth of them. */
function startedPlan(id: string, state: Plan['state'], nodes: number, pods: number): Plan {
  const now = Date.now();
  const machine = {
    instanceType: 'm5.xlarge',
    zone: 'us-east-1a',
    capacityType: 'on-demand' as const,
    priceMicroUsdPerHour: 192_000,
  };
  const remove = Array.from({ length: Math.floor(nodes / 3) }, (_, n): PlanNode => {
    const name = `ip-10-0-${n}.ec2.internal`;
    return { name, uid: `${id}-node-${n}`, nodePool: 'general', endedBy: 'owner', ...machine };
  });
  const moved = Array.from({ length: pods }, (_, n): PlanPod => {
    const from = remove[n % remove.length]?.name ?? null;
    return {
      namespace: 'shop',
      name: `service-${n % 700}-5d8c7f9b4-${n}`,
      uid: `${id}-pod-00000000-0000-0000-${n}`,
      owner: `Deployment/shop/service-${n % 700}`,
      from,
      to: `ip-10-0-${nodes - (n % 300)}.ec2.internal`,
      requests: { cpuMilli: 250, memoryBytes: 2 ** 28 },
    };
  });
  const wave = Math.max(1, Math.floor(nodes / 10));
  const waves = Array.from({ length: Math.ceil(remove.length / wave) }, (_, n) => ({
    remove: remove.slice(n * wave, (n + 1) * wave),
    order: [],
  }));
  const steps = freshSteps(waves).map(step =>
    state === 'proposed' || step.index > 10
      ? step
      : { ...step, state: 'done' as const, startedAt: now - 3_600_000 },
  );
  return {
    id,
    runId: `run-of-${id}`,
    clusterId: 'c1',
    clusterName: 'made',
    engine: 'bin-packing',
    kind: 'repack',
    state,
    createdAt: now,
    changedAt: now,
    title: `Remove ${remove.length} nodes`,
    reasons: [],
    remove,
    add: [],
    cost: {
      nowMicroUsdPerHour: 1,
      afterMicroUsdPerHour: 0,
      riskMicroUsdPerHour: 0,
      switchingMicroUsd: 0,
      savingMicroUsdPerHour: 1,
      paybackMs: 0,
    },
    pods: moved,
    proof: null,
    steps,
    approval: state === 'proposed' ? null : { by: 'Ann', at: now - 3_600_000 },
    outcome: null,
  };
}
