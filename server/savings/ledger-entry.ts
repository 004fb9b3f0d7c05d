import type { Plan, Provenance, SavingsEntry } from '../../common/contracts/index.ts';
import { MS_PER_MINUTE } from '../../common/units/index.ts';
import { type Booked, toMicroUsd } from './booked-interval.ts';

/** A node that took over pods of a plan. */
export interface Replacement {
  readonly name: string;
  readonly uid: string;
}

/** What the ledger keeps of one plan that was carried out. The counterfactual is frozen at its first step. */
export interface LedgerEntry {
  readonly id: string;
  readonly planId: string;
  readonly clusterId: string;
  readonly title: string;
  readonly nodeUid: string;
  /** Keys of the moved workloads: `Deployment/shop/web`. */
  readonly workloads: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly counterfactualMicroUsdPerHour: number;
  readonly counterfactualProvenance: Provenance | null;
  readonly predictedMicroUsdPerHour: number;
  /** `undone`: the plan failed or was stopped, and its node stays. */
  readonly plan: 'running' | 'succeeded' | 'undone';
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

/** The entry of a plan whose first step is about to begin: the counterfactual is its nodes at the prices of the plan. */
export function openEntry(id: string, plan: Plan, provenance: Provenance | null, nowMs: number): LedgerEntry {
  const price = plan.remove.reduce((sum, node) => sum + node.priceMicroUsdPerHour, 0);
  return {
    id,
    planId: plan.id,
    clusterId: plan.clusterId,
    title: plan.title,
    nodeUid: plan.remove[0]?.uid ?? '',
    workloads: [...new Set(plan.pods.flatMap(pod => (pod.owner === null ? [] : [pod.owner])))].toSorted(),
    startedAt: nowMs,
    endedAt: null,
    counterfactualMicroUsdPerHour: price,
    counterfactualProvenance: provenance,
    predictedMicroUsdPerHour: plan.cost.savingMicroUsdPerHour,
    plan: 'running',
    opensAt: nowMs,
    closesAt: null,
    replacements: [],
    hadReplacements: false,
    bookedUntil: nowMs,
    actualMicroUsdPerHour: price,
  };
}

/** The entry once its plan has ended; unchanged while the plan goes on or its end is known already. */
export function withPlanEnd(entry: LedgerEntry, plan: Plan, nowMs: number): LedgerEntry {
  if (entry.plan !== 'running') return entry;
  if (plan.state === 'succeeded') return { ...entry, plan: 'succeeded', closesAt: nowMs + SETTLING_MS };
  if (plan.state === 'failed' || plan.state === 'stopped')
    return { ...entry, plan: 'undone', closesAt: nowMs };
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
    startedAt: entry.startedAt,
    endedAt: entry.endedAt,
    counterfactualMicroUsdPerHour: entry.counterfactualMicroUsdPerHour,
    actualMicroUsdPerHour: entry.actualMicroUsdPerHour,
    replacedBy: entry.replacements.map(({ name }) => name),
    predictedMicroUsdPerHour: entry.predictedMicroUsdPerHour,
    predictedMicroUsd: toMicroUsd(BigInt(entry.predictedMicroUsdPerHour) * BigInt(booked.knownMs)),
    realizedMicroUsd: toMicroUsd(booked.microUsdMs),
    unknownMs: booked.unknownMs,
  };
}
