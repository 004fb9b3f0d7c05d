import { createHash } from 'node:crypto';
import type { AssignmentRule } from '../../common/contracts/index.ts';

/** For whom a forecast is made: a cluster, or one workload of it where a decision is about that alone. */
export interface ForecastSubject {
  readonly clusterId: string;
  /** `kind/namespace/name` */
  readonly workload?: string | undefined;
}

/** Bits of the hash that become a number; a double holds them exactly. */
const HASH_BITS = 48;

/**
 * Which model serves a subject. The same subject gets the same answer for as long as the experiment runs, on every
 * machine and after every restart: a hash of salt and subject, as a number in [0, 1), lies below the challenger's share or not.
 * Where workloads are split, a decision that is about no workload in particular stays with the champion.
 */
export function assignArm(rule: AssignmentRule, subject: ForecastSubject): 'champion' | 'challenger' {
  if (rule.mode === 'shadow') return 'champion';
  const workload = rule.unit === 'workload' ? subject.workload : null;
  if (workload === undefined) return 'champion';
  const name = JSON.stringify([rule.salt, subject.clusterId, workload]);
  const hash = createHash('sha256')
    .update(name)
    .digest()
    .readUIntBE(0, HASH_BITS / 8);
  return hash / 2 ** HASH_BITS < rule.challengerShare ? 'challenger' : 'champion';
}
