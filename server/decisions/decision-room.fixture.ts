import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan, RightsizingAnswer, SizingProposal } from '../../common/contracts/index.ts';
import type { PoolKey } from '../../common/units/index.ts';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import { AuditLog, auditMigrations, createLog, type Database, LiveHub } from '../platform/index.ts';
import { createDecisions, type Decisions } from './create-decisions.ts';
import { decisionMigrations } from './decision-tables.ts';
import type { PoolNotice } from './engines/pool-standing.ts';
import type { SchedulableCluster } from './neighbours.ts';
import { SmallCluster } from './small-agent.fixture.ts';
import { forecastsOf, marketOf, nodeAt, podOn, stateOf } from './small-cluster.fixture.ts';

export const ann = { id: 'u1', label: 'Ann' };
const forecasts = forecastsOf({ 'm5.large/us-east-1a': 30_000, 'm6i.xlarge/us-east-1a': 40_000 });

/** The room of decisions over five nodes on demand, two of which have a pod, with an agent in memory. */
export class DecisionRoom {
  readonly folder: string;
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cluster: SmallCluster;
  decisions!: Decisions;
  nowMs: number;
  /** What AWS said of Spot pools. */
  notices: ReadonlyMap<PoolKey, readonly PoolNotice[]> = new Map();
  /** What rightsizing says. */
  sizes: SizingProposal[] = [];

  private constructor(folder: string, database: Database, nowMs: number) {
    this.folder = folder;
    this.database = database;
    this.nowMs = nowMs;
    this.audit = new AuditLog(database, this.clock);
    const nodes = ['a', 'b', 'c', 'd', 'e'].map(name => nodeAt(name));
    this.cluster = new SmallCluster(stateOf(nodes, [podOn('a', 'web-1'), podOn('b', 'web-2')]));
  }

  readonly clock = { now: () => this.nowMs };

  static async open(nowMs = 1_000_000): Promise<DecisionRoom> {
    const folder = await mkdtemp(join(tmpdir(), 'decisions-'));
    const database = await openTestDatabase(folder, { ...auditMigrations, ...decisionMigrations });
    const room = new DecisionRoom(folder, database, nowMs);
    room.decisions = await room.another();
    return room;
  }

  /** Another one over the same database and cluster, as after a restart of the engine. */
  another(): Promise<Decisions> {
    const { database, audit, clock, cluster, folder } = this;
    const { market, forecasting } = marketOf(forecasts);
    return createDecisions({
      database,
      audit,
      clock,
      log: createLog('silent'),
      live: new LiveHub(),
      clusters: cluster,
      rightsizing: { recommend: async clusterId => sizesOf(clusterId, this.sizes) },
      plugIns: { folder: join(folder, 'engines'), nodePath: process.execPath },
      market,
      forecasting: { ...forecasting, poolNotices: async () => this.notices },
    });
  }

  async close(): Promise<void> {
    await this.decisions.stop();
    await this.database.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The plan that a run makes for a node. */
  async proposed(nodeName = 'a'): Promise<Plan> {
    await this.decisions.trigger('c1', ann);
    return this.planFor(nodeName, ['proposed', 'approved']);
  }

  async planFor(nodeName: string, states: readonly Plan['state'][]): Promise<Plan> {
    const found = (await this.decisions.plans()).find(
      ({ remove, state }) => remove[0]?.name === nodeName && states.includes(state),
    );
    if (!found) throw new Error(`no plan for ${nodeName}`);
    return found;
  }

  waitingTask(kind: string) {
    return until(async () => this.cluster.waiting?.action.kind === kind && this.cluster.waiting);
  }

  inState(id: string, state: Plan['state']): Promise<Plan> {
    return until(async () => {
      const plan = await this.decisions.get(id);
      return plan.state === state && plan;
    });
  }

  /** Kinds of the tasks so far. */
  kinds(): string[] {
    return this.cluster.tasks.map(task => task.action.kind);
  }
}

/** The same as agents of protocol 3 tell of it, with where pods may run; packing asks for that. */
export function tellingPlaces(state: SchedulableCluster): SchedulableCluster {
  const { nodes, pods } = state.inventory;
  const inventory = {
    ...state.inventory,
    nodes: nodes.map(node => ({ ...node, extended: {} })),
    pods: pods.map(pod => ({ ...pod, shape: 'plain' })),
  };
  return {
    ...state,
    inventory,
    scheduling: { ...state.scheduling, shapes: [{ kind: 'PodShape', name: 'plain' }] },
  };
}

/** An answer of rightsizing with these proposals. */
export function sizesOf(clusterId: string, proposals: SizingProposal[]): RightsizingAnswer {
  return {
    clusterId,
    asOf: 0,
    proposals,
    left: [],
    savingMicroUsdPerHour: 0,
    proposalsWithUnknownSaving: 0,
    gatheringContainers: 0,
  };
}

export async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const seen = await look();
    if (seen) return seen;
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  throw new Error('it did not happen');
}
