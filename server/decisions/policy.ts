import {
  type DecisionSettings,
  decisionSettings,
  type PolicyDocument,
  type PoolRule,
} from '../../common/contracts/index.ts';

/**
 * What the engines and the executor may do: the part `decisions` of a policy document, which says what each field means, with the
 * thresholds of single pools. Money in micro-USD, times in ms, shares 0…1.
 */
export interface DecisionPolicy extends Readonly<DecisionSettings> {
  readonly pools: readonly PoolRule[];
}

/** The policy where nobody said otherwise. */
export const defaultPolicy: DecisionPolicy = { ...decisionSettings.parse({}), pools: [] };

/** What a document lets engines and executor do. */
export function decisionPolicyOf({ decisions, pools }: PolicyDocument): DecisionPolicy {
  return { ...decisions, pools };
}
