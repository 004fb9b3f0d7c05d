import {
  type DecisionSettings,
  decisionSettings,
  type PolicyDocument,
  type PoolRule,
  type WorkloadRule,
} from '../../common/contracts/index.ts';

/**
 * What the engines and the executor may do: the part `decisions` of a policy document, which says what each field means, with the
 * thresholds of single pools and the floors of workloads. Money in micro-USD, times in ms, shares 0…1.
 */
export interface DecisionPolicy extends Readonly<DecisionSettings> {
  readonly pools: readonly PoolRule[];
  readonly workloads: readonly WorkloadRule[];
}

/** The policy where nobody said otherwise. */
export const defaultPolicy: DecisionPolicy = { ...decisionSettings.parse({}), pools: [], workloads: [] };

/** What a document lets engines and executor do. */
export function decisionPolicyOf({ decisions, pools, workloads }: PolicyDocument): DecisionPolicy {
  return { ...decisions, pools, workloads };
}
