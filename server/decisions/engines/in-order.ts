import { withSizes } from '../resizing/apply-sizes.ts';
import type { DecisionState, EngineAnswer, Proposal, RunnableEngine } from './engine.ts';

/**
 * Engines one after the other, each on what the ones before it leave: nodes that a proposal takes are gone, their pods are where they
 * go, and the bill is without them. So no dollar is saved twice, and what all proposals save adds up to what the cluster costs less.
 */
export function inOrder(name: string, engines: readonly RunnableEngine[]): RunnableEngine {
  return {
    name,
    needsSizes: engines.some(({ needsSizes }) => needsSizes),
    decide: async (state, forecasts, policy) => {
      const answers: EngineAnswer[] = [];
      const proposals: Proposal[] = [];
      for (const engine of engines) {
        const answer = await engine.decide(stateAfter(state, proposals), forecasts, policy);
        answers.push(answer);
        const before = proposals.filter(({ resize }) => resize !== undefined);
        proposals.push(
          ...answer.proposals.map(proposal => ({
            ...proposal,
            engine: engine.name,
            ...madeRoomFor(proposal, before),
          })),
        );
      }
      return together(answers, proposals);
    },
  };
}

/** The state once these proposals are carried out. New nodes are left out: nothing is known of them but what they cost. */
function stateAfter(state: DecisionState, proposals: readonly Proposal[]): DecisionState {
  if (proposals.length === 0) return state;
  const removed = new Set(proposals.flatMap(({ remove }) => remove.map(({ uid }) => uid)));
  const placeOf = new Map(proposals.flatMap(({ pods }) => pods.map(({ uid, to }) => [uid, to] as const)));
  const resizes = proposals.flatMap(({ resize }) => resize ?? []);
  const inventory = withSizes(state.inventory, resizes);
  const isLeft = ({ uid }: { readonly uid: string }) => !removed.has(uid);
  return {
    ...state,
    nodes: state.nodes.filter(isLeft),
    inventory: {
      ...inventory,
      nodes: inventory.nodes.filter(isLeft),
      pods: inventory.pods.map(pod =>
        placeOf.has(pod.uid) ? { ...pod, nodeName: placeOf.get(pod.uid) ?? null } : pod,
      ),
    },
    openBill: () => {
      const bill = state.openBill();
      for (const uid of removed) bill.remove(uid);
      return bill;
    },
  };
}

/** Resizes whose pods move in this proposal, or stand on the nodes that take pods in. */
function madeRoomFor({ resize, pods }: Proposal, resizes: readonly Proposal[]): Pick<Proposal, 'after'> {
  if (resize || resizes.length === 0) return {};
  const owners = new Set(pods.map(({ owner }) => owner));
  const takers = new Set(pods.map(({ to }) => to));
  const after = resizes.filter(
    one =>
      owners.has(one.resize?.workload.key ?? null) ||
      one.pods.some(({ from }) => from !== null && takers.has(from)),
  );
  return after.length > 0 ? { after } : {};
}

/** The first engine that looks at nodes counts what all nodes cost; each node that stays is told by the last engine that looked at it, after the others. */
function together(answers: readonly EngineAnswer[], proposals: readonly Proposal[]): EngineAnswer {
  const first = answers.find(({ nodesConsidered }) => nodesConsidered > 0) ?? answers[0];
  const taken = new Set(proposals.flatMap(({ remove }) => remove.map(({ name }) => name)));
  const reasons = new Map<string, EngineAnswer['blocked'][number]['reasons']>();
  for (const { blocked } of answers)
    for (const one of blocked)
      if (!taken.has(one.node)) reasons.set(one.node, [...(reasons.get(one.node) ?? []), ...one.reasons]);
  const costNow = first?.costNowMicroUsdPerHour ?? null;
  const saved = answers.reduce(
    (sum, { costNowMicroUsdPerHour: now, costAfterMicroUsdPerHour: after }) =>
      sum + (now ?? 0) - (after ?? 0),
    0,
  );
  return {
    proposals,
    blocked: [...reasons]
      .map(([node, all]) => ({ node, reasons: all }))
      .toSorted((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0)),
    refused: answers.flatMap(({ refused = [] }) => refused),
    nodesConsidered: first?.nodesConsidered ?? 0,
    unknownPrices: first?.unknownPrices ?? 0,
    unknownRisks: answers.reduce((sum, { unknownRisks }) => sum + unknownRisks, 0),
    costNowMicroUsdPerHour: costNow,
    costAfterMicroUsdPerHour: costNow === null ? null : costNow - saved,
  };
}
