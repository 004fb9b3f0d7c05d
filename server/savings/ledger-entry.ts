import type { CapacityType, Plan, Provenance, SavingsEntry } from '../../common/contracts/index.ts';
import { MS_PER_MINUTE } from '../../common/units/index.ts';
import type { ObservedCluster } from '../decisions/index.ts';
import { type Booked, toMicroUsd } from './booked-interval.ts';
import {
  type EngineStage,
  type PromisedNode,
  promisedBy,
  type RemovedNode,
  removedBy,
  stagesOf,
} from './plan-nodes.ts';

/** A node that took over pods of a plan. */
export interface Replacement {
  readonly name: string;
  readonly uid: string;
  readonly instanceType: string | null;
  readonly zone: string | null;
  readonly capacityType: CapacityType;
  readonly createdAt: number;
  /** Its price when it was last known, with the record; `null` while it never was. */
  readonly priceMicroUsdPerHour: number | null;
  readonly provenance: Provenance | null;
}

/** A workload that a plan moved. */
export interface MovedWorkload {
  /** `Deployment/shop/web` */
  readonly key: string;
  /** Its pods among those that the plan moves: what the workload's part of the saving is measured by. */
  readonly pods: number;
}

/** What a decision rested on, as seen when it was made. */
export interface Counterfactual {
  readonly frozenAt: number;
  readonly removed: readonly RemovedNode[];
}

/** What the ledger keeps of one plan that was carried out. The counterfactual is what the decision rested on. */
export interface LedgerEntry {
  readonly id: string;
  readonly planId: string;
  readonly clusterId: string;
  readonly title: string;
  /** In the order in which they worked. */
  readonly stages: readonly EngineStage[];
  readonly decidedAt: number;
  readonly approval: Plan['approval'];
  readonly counterfactual: Counterfactual;
  readonly promised: readonly PromisedNode[];
  readonly workloads: readonly MovedWorkload[];
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Why it ended, in words. */
  readonly endedBecause: string | null;
  /** `undone`: the plan failed or was stopped, and its nodes stay; `partly`: some of them were gone by then. */
  readonly plan: 'running' | 'succeeded' | 'partly' | 'undone';
  /** Uids of the nodes that it took away before it was stopped; of `partly` only. */
  readonly taken: readonly string[];
  /** Instances that nobody was to end and that are gone by now; absent while there are none. */
  readonly goneInstances?: readonly string[];
  /** Nodes born from here on … */
  readonly opensAt: number;
  /** … and seen until here with a moved workload on them are replacements; `null` while the plan runs. */
  readonly closesAt: number | null;
  readonly replacements: readonly Replacement[];
  readonly hadReplacements: boolean;
  /** Booked until here. */
  readonly bookedUntil: number;
  /** Price now; `null` when unknown. */
  readonly actualMicroUsdPerHour: number | null;
}

/** How long after a plan, or after the loss of a replacement, a new node counts as replacement. */
export const SETTLING_MS = 15 * MS_PER_MINUTE;

/** The counterfactual of a plan: its nodes at the prices of the plan, with the records that they show at this moment. */
export function freeze(plan: Plan, observed: ObservedCluster | undefined, nowMs: number): Counterfactual {
  const nodes = new Map(observed?.nodes.map(node => [node.uid, node]));
  return {
    frozenAt: nowMs,
    removed: removedBy(plan).map(node => {
      const { name, uid, instanceType, zone, capacityType, priceMicroUsdPerHour, endedBy, instanceId } = node;
      return {
        name,
        uid,
        instanceType,
        zone,
        capacityType,
        priceMicroUsdPerHour,
        listMicroUsdPerHour: nodes.get(uid)?.priceMicroUsdPerHour ?? null,
        provenance: nodes.get(uid)?.priceProvenance ?? null,
        ...(endedBy === undefined ? {} : { endedBy }),
        ...(instanceId === undefined ? {} : { instanceId }),
      };
    }),
  };
}

/** The entry of a plan whose first step is about to begin. */
export function openEntry(
  id: string,
  plan: Plan,
  counterfactual: Counterfactual,
  nowMs: number,
): LedgerEntry {
  const pods = Map.groupBy(
    plan.pods.flatMap(({ owner }) => owner ?? []),
    owner => owner,
  );
  return {
    id,
    planId: plan.id,
    clusterId: plan.clusterId,
    title: plan.title,
    stages: stagesOf(plan),
    decidedAt: plan.createdAt,
    approval: plan.approval,
    counterfactual,
    promised: promisedBy(plan),
    workloads: [...pods]
      .map(([key, own]) => ({ key, pods: own.length }))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    startedAt: nowMs,
    endedAt: null,
    endedBecause: null,
    plan: 'running',
    taken: [],
    opensAt: nowMs,
    closesAt: null,
    replacements: [],
    hadReplacements: false,
    bookedUntil: nowMs,
    actualMicroUsdPerHour: frozenPrice(counterfactual),
  };
}

/** Whether the instance of a node that went goes on costing, because nobody ended it. */
export function goesOn(
  { goneInstances = [] }: Pick<LedgerEntry, 'goneInstances'>,
  { endedBy, instanceId = '' }: Pick<RemovedNode, 'endedBy' | 'instanceId'>,
): boolean {
  return endedBy === 'nobody' && !goneInstances.includes(instanceId);
}

/** What the nodes that go would cost together, micro-USD per hour. */
export function frozenPrice({ removed }: Counterfactual): number {
  return removed.reduce((sum, node) => sum + node.priceMicroUsdPerHour, 0);
}

/** What the plan promised, micro-USD per hour. */
export function predictedRate({ stages }: LedgerEntry): number {
  return stages.reduce((sum, stage) => sum + stage.predictedMicroUsdPerHour, 0);
}

/**
 * The entry with the instances that AWS had not ended when its plan went on: like those that nobody ends, they cost until they are seen
 * to be gone. Unchanged where there are no more of them.
 */
export function withLingering(entry: LedgerEntry, plan: Plan): LedgerEntry {
  const lingering = new Map(
    plan.steps.flatMap(({ lingers, node, instanceId }) =>
      lingers && node && instanceId ? [[node.uid, instanceId] as const] : [],
    ),
  );
  const { removed } = entry.counterfactual;
  if (!removed.some(({ uid, endedBy }) => endedBy !== 'nobody' && lingering.has(uid))) return entry;
  const marked = removed.map((node): RemovedNode => {
    const instanceId = lingering.get(node.uid);
    return instanceId === undefined ? node : { ...node, endedBy: 'nobody', instanceId };
  });
  return { ...entry, counterfactual: { ...entry.counterfactual, removed: marked } };
}

/** The entry once its plan has ended; unchanged while the plan goes on or its end is known already. */
export function withPlanEnd(entry: LedgerEntry, plan: Plan, nowMs: number): LedgerEntry {
  if (entry.plan !== 'running') return entry;
  if (plan.state === 'succeeded') return { ...entry, plan: 'succeeded', closesAt: nowMs + SETTLING_MS };
  // A plan that the look before a later wave refused is stale, and what it did before counts.
  if (plan.state === 'failed' || plan.state === 'stopped' || plan.state === 'stale') {
    const taken = plan.steps.flatMap(({ kind, state, node, startedAt }) =>
      kind === 'delete-node' && state === 'done' && startedAt !== null && node ? [node.uid] : [],
    );
    return taken.length === 0
      ? { ...entry, plan: 'undone', closesAt: nowMs }
      : { ...entry, plan: 'partly', taken, closesAt: nowMs + SETTLING_MS };
  }
  return entry;
}

/**
 * The entry as shown. "Promised until now" is the predicted rate over the same time that is booked: time with an unknown
 * price is in neither figure.
 */
export function showEntry(entry: LedgerEntry, booked: Booked): SavingsEntry {
  return {
    id: entry.id,
    planId: entry.planId,
    clusterId: entry.clusterId,
    title: entry.title,
    engines: entry.stages.map(({ engine }) => engine),
    startedAt: entry.startedAt,
    endedAt: entry.endedAt,
    counterfactualMicroUsdPerHour: frozenPrice(entry.counterfactual),
    actualMicroUsdPerHour: entry.actualMicroUsdPerHour,
    removed: entry.counterfactual.removed.map(({ name }) => name),
    replacedBy: entry.replacements.map(({ name }) => name),
    predictedMicroUsdPerHour: predictedRate(entry),
    predictedMicroUsd: toMicroUsd(BigInt(predictedRate(entry)) * BigInt(booked.knownMs)),
    realizedMicroUsd: toMicroUsd(booked.microUsdMs),
    knownMs: booked.knownMs,
    unknownMs: booked.unknownMs,
  };
}
