import type { KillSwitch, PolicyDocument } from '../../../common/contracts/index.ts';
import { type DecisionPolicy, decisionPolicyOf } from '../policy.ts';

/** What holds for a cluster now. */
export interface PolicyInForce {
  /** Whose document it is: the cluster's own, or `default`. */
  readonly scope: string;
  /** 0 where nothing was saved. */
  readonly revision: number;
  /** `policy 3 of shop`, `policy 2 for all clusters`. */
  readonly label: string;
  readonly document: PolicyDocument;
  /** What engines and executor may do by it. */
  readonly settings: DecisionPolicy;
  /** Freezes that bind the cluster: its own, and that for all. */
  readonly freezes: readonly NonNullable<PolicyDocument['freeze']>[];
  /** Kill switches that are on for it. */
  readonly killSwitches: readonly KillSwitch[];
}

/** Puts together what holds for a cluster. @param common the freeze for all clusters binds those with their own document, too */
export function policyInForce(
  own: {
    readonly scope: string;
    readonly revision: number;
    readonly label: string;
    readonly document: PolicyDocument;
  },
  common: PolicyDocument,
  killSwitches: readonly KillSwitch[],
): PolicyInForce {
  const both = own.document === common ? [common] : [own.document, common];
  return {
    ...own,
    settings: decisionPolicyOf(own.document),
    freezes: both.flatMap(({ freeze }) => (freeze ? [freeze] : [])),
    killSwitches: killSwitches.filter(({ on }) => on),
  };
}
