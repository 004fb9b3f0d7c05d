import type { PlugInAnswer, ProposedMove, Reason, RefusedMove } from '../../../common/contracts/index.ts';
import { formatUsdPerHour } from '../../../common/units/index.ts';
import { atOnce } from '../../platform/index.ts';
import type { DecisionForecasts, DecisionState, EngineAnswer } from '../engines/engine.ts';
import { type BlockReason, type ConsideredNode, reason } from '../engines/spot/consider-node.ts';
import { isWorthwhile } from '../engines/spot/expected-cost.ts';
import { selectMoves } from '../engines/spot/select-moves.ts';
import { fits } from '../engines/spot/spot-candidates.ts';
import type { DecisionPolicy } from '../policy.ts';

type Target = ProposedMove['target'];

/**
 * Holds what a plug-in answers against the rules of the built-in engine: the node exists and may be drained, the target is a known
 * pool with known price and risk that its pods fit into, the move pays by the policy, caps and floors hold over all moves together.
 * Every figure is calculated here. What breaks a rule is refused, with all reasons; the rest stands.
 */
export function judgeAnswer(
  engineName: string,
  answer: PlugInAnswer,
  state: DecisionState,
  forecasts: DecisionForecasts,
  policy: DecisionPolicy,
): EngineAnswer {
  const wishes = Map.groupBy(answer.proposals, move => move.nodeUid);
  const stays = new Map(answer.blocked.map(({ nodeUid, reasons }) => [nodeUid, reasons]));
  const narrow = (entry: ConsideredNode): ConsideredNode => {
    const own = wishes.get(entry.node.uid);
    if (own) return narrowToWish(entry, own, forecasts, policy);
    const said = stays.get(entry.node.uid) ?? [];
    const none = { code: 'not-proposed', text: `Engine ${engineName} proposes no move of this node.` };
    const reasons =
      said.length > 0
        ? said.map(({ code, text }) => reason(code, clean(text)))
        : [reason(none.code, none.text)];
    return { ...entry, worthwhile: [], reasons: [...(entry.isUnknown ? entry.reasons : []), ...reasons] };
  };
  const judged = atOnce(selectMoves(state, forecasts, policy, narrow));
  const reasonsOf = new Map(judged.blocked.map(({ node, reasons }) => [node, reasons]));
  const byUid = new Map(state.nodes.map(node => [node.uid, node]));
  const refused = answer.proposals.flatMap(({ nodeUid, target }): RefusedMove[] => {
    const node = byUid.get(nodeUid);
    const unknown = {
      code: 'unknown-node',
      text: `There is no node with uid ${clean(nodeUid)} in this cluster.`,
    };
    const why: readonly Reason[] | undefined = node ? reasonsOf.get(node.name) : [unknown];
    if (!why) return [];
    const reasons = why.map(({ code, text }) => ({ code, text }));
    return [{ node: node?.name ?? clean(nodeUid), target: placeText(target), reasons }];
  });
  const words = new Map(answer.proposals.map(({ nodeUid, reasons }) => [nodeUid, reasons]));
  return {
    ...judged,
    proposals: judged.proposals.map(proposal => ({
      ...proposal,
      reasons: [
        ...proposal.reasons,
        ...proposal.remove
          .flatMap(({ uid }) => words.get(uid) ?? [])
          .map(({ code, text }) => ({
            code: `engine-${code}`,
            text: `${engineName}: ${clean(text)}`,
          })),
      ],
    })),
    refused: refused.toSorted((a, b) => compareText(a.node + a.target, b.node + b.target)),
  };
}

/** Leaves the one candidate that is wished for, or says all that is against it. */
function narrowToWish(
  entry: ConsideredNode,
  wishes: readonly ProposedMove[],
  forecasts: DecisionForecasts,
  policy: DecisionPolicy,
): ConsideredNode {
  const refuse = (...reasons: BlockReason[]): ConsideredNode => {
    // Reasons that are about other pools than the one wished for say nothing here.
    const others = entry.reasons.filter(({ code }) => code !== 'no-pool-fits' && code !== 'saving-too-small');
    return { ...entry, worthwhile: [], reasons: [...reasons, ...others] };
  };
  const [wish, second] = wishes;
  if (!wish) return entry;
  if (second)
    return refuse(reason('proposed-twice', `Node ${entry.node.name} is proposed ${wishes.length} times.`));
  const chosen = entry.candidates.find(
    ({ outlook: { pool } }) =>
      pool.instanceType === wish.target.instanceType && pool.availabilityZone === wish.target.zone,
  );
  const { target } = wish;
  if (!chosen) {
    // Where something is unknown of the node, or it is moving already, nobody looked for pools, and that says it all.
    const isLookedAt =
      entry.candidates.length > 0 || entry.reasons.some(({ code }) => code === 'no-pool-fits');
    return isLookedAt ? refuse(whyNot(entry, target, forecasts, policy)) : refuse();
  }
  const { cost } = chosen;
  const savesMicroUsdPerHour = Math.max(0, cost.savingMicroUsdPerHour);
  if (!isWorthwhile(cost, entry.node.capacityType === 'spot', entry.policy)) {
    const saving = formatUsdPerHour(cost.savingMicroUsdPerHour);
    const text = `The move to ${placeText(target)} saves ${saving}, interruptions included: less than the policy wants, or back too late.`;
    return refuse({ ...reason('saving-too-small', text), savesMicroUsdPerHour });
  }
  return {
    ...entry,
    worthwhile: [chosen],
    reasons: entry.reasons.map(one => ({ ...one, savesMicroUsdPerHour })),
  };
}

/** Why a pool is none of a node's candidates: the first rule that it breaks. */
function whyNot(
  { node, occupancy, unknownRisks }: ConsideredNode,
  target: Target,
  forecasts: DecisionForecasts,
  policy: DecisionPolicy,
): BlockReason {
  const { instanceType, zone } = target;
  const place = placeText(target);
  const type = forecasts.types.find(one => one.instanceType === instanceType);
  const pool = [...forecasts.pools].find(
    ([, outlook]) => outlook.pool.instanceType === instanceType && outlook.pool.availabilityZone === zone,
  );
  if (!type) return reason('unknown-type', `Instance type ${clean(instanceType)} is not in the catalog.`);
  if (type.arch !== node.arch) {
    const text = `${instanceType} is ${type.arch}, and node ${node.name} is ${node.arch ?? 'unknown'}.`;
    return reason('other-architecture', text);
  }
  if (!fits(type, occupancy.needs)) {
    const text = `The pods of node ${node.name} request more than a ${instanceType} holds.`;
    return reason('does-not-fit', text);
  }
  if (!pool)
    return reason('unknown-price', `The price of ${place} is unknown. What is unknown is not acted on.`);
  if (node.capacityType === 'spot' && node.instanceType === instanceType && node.zone === zone)
    return reason('no-move', `Node ${node.name} is ${place} already.`);
  if (unknownRisks.includes(pool[0]) || pool[1].interruptionMaxPercentPerMonth === undefined) {
    return reason(
      'unknown-risk',
      `The interruption risk of ${place} is unknown. What is unknown is not acted on.`,
    );
  }
  if (node.zone !== zone) {
    const text = policy.allowOtherZones
      ? `A pod of node ${node.name} must stay in ${node.zone ?? 'its zone'}, or ${zone} is in another region.`
      : `${place} is in another zone than node ${node.name}, which the policy does not allow.`;
    return reason('other-zone', text);
  }
  return reason(
    'does-not-suit',
    `${place} does not suit the node selectors or GPUs of the pods of node ${node.name}, or has no usable price.`,
  );
}

function placeText({ instanceType, zone }: Target): string {
  return `${clean(instanceType)} Spot in ${clean(zone)}`;
}

/** Words of a plug-in as one line: no control characters, which could forge lines of logs or terminals, and no half characters. */
function clean(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
