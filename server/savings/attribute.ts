import type { Booked } from './booked-interval.ts';
import type { LedgerEntry } from './ledger-entry.ts';

/** A part of what an entry booked: of one engine, for one workload. */
export interface EntryPart {
  readonly engine: string;
  /** `null` where the plan moved no pod of a workload. */
  readonly workload: string | null;
  readonly realizedMicroUsdMs: bigint;
  readonly predictedMicroUsdMs: bigint;
}

/**
 * Splits what an entry booked among its engines, in proportion to what each promised in turn on one state, and what each engine
 * booked among the workloads that moved, in proportion to their pods. The parts add up to exactly what was booked, and what they
 * promised to exactly what the plan promised.
 */
export function attribute(
  { stages, workloads }: Pick<LedgerEntry, 'stages' | 'workloads'>,
  { microUsdMs, knownMs }: Pick<Booked, 'microUsdMs' | 'knownMs'>,
): EntryPart[] {
  const moved = workloads.length === 0 ? [{ key: null, pods: 1 }] : workloads;
  const pods = moved.map(one => one.pods);
  const byEngine = splitInOrder(
    microUsdMs,
    stages.map(stage => stage.predictedMicroUsdPerHour),
  );
  return stages.flatMap(({ engine, predictedMicroUsdPerHour }, index) => {
    const realized = splitInOrder(byEngine[index] ?? 0n, pods);
    const predicted = splitInOrder(BigInt(predictedMicroUsdPerHour) * BigInt(knownMs), pods);
    return moved.map(({ key }, position) => ({
      engine,
      workload: key,
      realizedMicroUsdMs: realized[position] ?? 0n,
      predictedMicroUsdMs: predicted[position] ?? 0n,
    }));
  });
}

/**
 * Splits a signed amount in proportion to signed weights; each part is the difference of what the weights so far make of the
 * amount, so that the parts add up to it. Where the weights say nothing (their sum is not above zero) the first takes all.
 */
export function splitInOrder(amount: bigint, weights: readonly number[]): bigint[] {
  const sum = weights.reduce((total, weight) => total + BigInt(weight), 0n);
  if (sum <= 0n) return weights.map((_, index) => (index === 0 ? amount : 0n));
  let cumulated = 0n;
  let given = 0n;
  return weights.map(weight => {
    cumulated += BigInt(weight);
    const until = (amount * cumulated) / sum;
    const part = until - given;
    given = until;
    return part;
  });
}
