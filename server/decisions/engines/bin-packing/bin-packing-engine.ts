import { nodePoolOf } from '../../policy/match-nodes.ts';
import { liveMarket } from '../../snapshot/live-market.ts';
import { liveSnapshot } from '../../snapshot/live-snapshot.ts';
import type { MachineCatalog } from '../../snapshot/machine-market.ts';
import { askPlanner } from '../../snapshot/planning-threads.ts';
import { quoteMachines } from '../../snapshot/quote-machines.ts';
import { outOfTime } from '../../snapshot/stay-reasons.ts';
import type { DecisionState, EngineAnswer, RunnableEngine } from '../engine.ts';
import type { RepackedNode } from './repack-answer.ts';

/** What packing is done with. */
export interface PackingSettings {
  readonly catalog: MachineCatalog;
  /** Aborting ends a packing with the best so far. */
  readonly signal: AbortSignal;
}

/** The same cluster always gives the same plan, unless time runs out. */
const SEED = 1;
const TIME_LIMIT_MS = 20_000;
const UNDER_WAY = {
  code: 'move-under-way',
  object: null,
  text: 'An approved plan of this cluster is under way; pods are packed anew when it is done.',
  unblock: 'Wait for it, or stop it.',
};

/**
 * Packs the pods of a cluster onto the cheapest nodes: nodes go, fewer or cheaper ones come, in one plan with a proof. While another
 * plan of the cluster is under way it proposes nothing, since every pod may be somewhere else afterwards.
 */
export function binPackingEngine({ catalog, signal }: PackingSettings): RunnableEngine {
  return {
    name: 'bin-packing',
    decide: async (state, _forecasts, policy) => {
      if (state.underWay.length > 0) return allStay(state, () => UNDER_WAY);
      const snapshot = liveSnapshot(state);
      const market = await liveMarket(state.nodes, catalog, state.openBill());
      const machines = quoteMachines(snapshot.nodes, market);
      const labels = new Map(state.inventory.nodes.map(node => [node.uid, node.labels]));
      const nodes = state.nodes.map(
        ({ name, uid, instanceType, zone, capacityType }): RepackedNode => ({
          name,
          uid,
          instanceType,
          zone,
          capacityType,
          nodePool: nodePoolOf(labels.get(uid)),
        }),
      );
      const order = { snapshot, machines, policy, prefersWholeNodes: true, task: 'repack', nodes } as const;
      const answer = await askPlanner(order, { seed: SEED, timeLimitMs: TIME_LIMIT_MS, signal });
      if (!answer) return allStay(state, outOfTime);
      const { pods, proposals, ...rest } = answer;
      return { ...rest, proposals: proposals.map(proposal => ({ ...proposal, pods })) };
    },
  };
}

function allStay(
  { nodes }: DecisionState,
  reasonOf: (node: string) => { code: string; object: string | null; text: string; unblock: string | null },
): EngineAnswer {
  const known = nodes.flatMap(({ priceMicroUsdPerHour: price }) =>
    price === null ? [] : [Math.floor(price)],
  );
  const cost = known.length === 0 ? null : known.reduce((sum, price) => sum + price, 0);
  return {
    proposals: [],
    blocked: nodes.map(({ name }) => {
      const { code, object, text, unblock } = reasonOf(name);
      return { node: name, reasons: [{ code, object, text, unblock, savesMicroUsdPerHour: null }] };
    }),
    nodesConsidered: nodes.length,
    unknownPrices: nodes.length - known.length,
    unknownRisks: 0,
    costNowMicroUsdPerHour: cost,
    costAfterMicroUsdPerHour: cost,
  };
}
