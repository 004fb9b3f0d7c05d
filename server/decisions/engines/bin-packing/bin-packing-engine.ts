import type { BlockedNode } from '../../../../common/contracts/index.ts';
import { formatUsdPerHour, HOURS_PER_MONTH } from '../../../../common/units/index.ts';
import type { DecisionPolicy } from '../../policy.ts';
import { type Arrangement, arrangeSnapshot } from '../../snapshot/arrange-snapshot.ts';
import { liveMarket } from '../../snapshot/live-market.ts';
import { liveSnapshot } from '../../snapshot/live-snapshot.ts';
import type { MachineCatalog } from '../../snapshot/machine-market.ts';
import { stayReasons } from '../../snapshot/stay-reasons.ts';
import type { DecisionState, EngineAnswer, RunnableEngine } from '../engine.ts';
import { isWorthwhile } from '../spot/expected-cost.ts';
import { proposeRepack } from './propose-repack.ts';

/** What packing is done with. */
export interface PackingSettings {
  readonly catalog: MachineCatalog;
  /** Aborting ends a packing with the best so far. */
  readonly signal: AbortSignal;
}

/** The same cluster always gives the same plan, unless time runs out. */
const SEED = 1;
const TIME_LIMIT_MS = 20_000;

/**
 * Packs the pods of a cluster onto the cheapest nodes: nodes go, fewer or cheaper ones come, in one plan with a proof. While another
 * plan of the cluster is under way it proposes nothing, since every pod may be somewhere else afterwards.
 */
export function binPackingEngine({ catalog, signal }: PackingSettings): RunnableEngine {
  return {
    name: 'bin-packing',
    decide: async (state, _forecasts, policy) => {
      if (state.underWay.length > 0) return waitAnswer(state);
      const snapshot = liveSnapshot(state);
      const market = await liveMarket(state.nodes, catalog, state.openBill());
      const options = { seed: SEED, timeLimitMs: TIME_LIMIT_MS, signal, wholeNodesOnly: true };
      const arranged = await arrangeSnapshot(snapshot, market, policy, options);
      return answerOf(arranged, state, policy);
    },
  };
}

function answerOf(arranged: Arrangement, state: DecisionState, policy: DecisionPolicy): EngineAnswer {
  const { cluster, compiled, improvement, whatIf } = arranged;
  const proposal = proposeRepack(arranged, state, policy);
  const isTaken = proposal !== undefined && isWorthwhile(proposal.cost, false, policy);
  const stay = stayReasons(cluster, compiled, improvement, whatIf).map(
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
    proposals: isTaken ? [proposal] : [],
    blocked:
      proposal && !isTaken
        ? [...stay, ...proposal.remove.map(node => tooLittle(node.name, proposal.cost))]
        : stay,
    nodesConsidered: state.nodes.length,
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

function waitAnswer({ nodes }: DecisionState): EngineAnswer {
  const known = nodes.flatMap(({ priceMicroUsdPerHour: price }) =>
    price === null ? [] : [Math.floor(price)],
  );
  const cost = known.length === 0 ? null : known.reduce((sum, price) => sum + price, 0);
  return {
    proposals: [],
    blocked: nodes.map(({ name }) => ({
      node: name,
      reasons: [
        {
          code: 'move-under-way',
          object: null,
          text: 'An approved plan of this cluster is under way; pods are packed anew when it is done.',
          unblock: 'Wait for it, or stop it.',
          savesMicroUsdPerHour: null,
        },
      ],
    })),
    nodesConsidered: nodes.length,
    unknownPrices: nodes.length - known.length,
    unknownRisks: 0,
    costNowMicroUsdPerHour: cost,
    costAfterMicroUsdPerHour: cost,
  };
}
