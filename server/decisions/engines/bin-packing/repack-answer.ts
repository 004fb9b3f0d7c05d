import type { BlockedNode } from '../../../../common/contracts/index.ts';
import { formatUsdPerHour, HOURS_PER_MONTH } from '../../../../common/units/index.ts';
import type { NodePlace } from '../../policy/match-nodes.ts';
import { thresholdsOfPlan } from '../../policy/pool-thresholds.ts';
import type { DecisionPolicy } from '../../policy.ts';
import type { Arrangement } from '../../snapshot/arrange-snapshot.ts';
import { stayReasons } from '../../snapshot/stay-reasons.ts';
import type { DecisionState, EngineAnswer, Proposal } from '../engine.ts';
import { isWorthwhile } from '../spot/expected-cost.ts';
import { proposeRepack } from './propose-repack.ts';

/** What a plan says of a node that goes. */
export type RepackedNode = Pick<
  DecisionState['nodes'][number],
  'name' | 'uid' | 'instanceType' | 'zone' | 'capacityType'
> &
  Pick<NodePlace, 'nodePool'>;

/** At most one proposal, without its pods: they are many, and come by themselves. */
export interface RepackAnswer extends EngineAnswer {
  readonly pods: Proposal['pods'];
}

/** An arrangement as the answer of an engine: the proposal where it is worth its while, and why each other node stays. */
export function repackAnswer(
  arranged: Arrangement,
  nodes: readonly RepackedNode[],
  policy: DecisionPolicy,
): RepackAnswer {
  const { cluster, compiled, improvement, whatIf } = arranged;
  const proposal = proposeRepack(arranged, nodes, policy);
  const isTaken =
    proposal !== undefined && isWorthwhile(proposal.cost, false, thresholdsOfPlan(policy, proposal.remove));
  const stay = stayReasons(cluster, improvement, whatIf).map(
    ({ node, reasons }): BlockedNode => ({
      node,
      reasons: reasons.map(({ savesUsdMonth, ...reason }) => ({
        ...reason,
        savesMicroUsdPerHour:
          savesUsdMonth === null ? null : Math.round((savesUsdMonth * 1e6) / HOURS_PER_MONTH),
      })),
    }),
  );
  const priced = compiled.problem.existing.filter(node => node.priceMicroUsdPerHour !== null);
  const costNow = priced.length === 0 ? null : improvement.costBeforeMicroUsdPerHour;
  const saved = isTaken ? proposal.cost.savingMicroUsdPerHour : 0;
  return {
    proposals: isTaken ? [{ ...proposal, pods: [] }] : [],
    pods: isTaken ? proposal.pods : [],
    blocked:
      proposal && !isTaken
        ? [...stay, ...proposal.remove.map(node => tooLittle(node.name, proposal.cost))]
        : stay,
    nodesConsidered: nodes.length,
    unknownPrices: compiled.problem.existing.length - priced.length,
    unknownRisks: 0,
    costNowMicroUsdPerHour: costNow,
    costAfterMicroUsdPerHour: costNow === null ? null : costNow - saved,
  };
}

function tooLittle(node: string, { savingMicroUsdPerHour }: { savingMicroUsdPerHour: number }): BlockedNode {
  const text = `Without node ${node} and the others that could go, ${formatUsdPerHour(savingMicroUsdPerHour)} would be saved: less than the policy wants, or back too late.`;
  return {
    node,
    reasons: [
      {
        code: 'saving-too-small',
        object: null,
        text,
        unblock: 'Lower the minimum saving or raise the payback time of the policy.',
        savesMicroUsdPerHour: Math.max(0, savingMicroUsdPerHour),
      },
    ],
  };
}
