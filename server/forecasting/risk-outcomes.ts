import type { MadeRisk } from './made-prediction.ts';
import { isAtRisk, type SpotNode } from './spot-node.ts';

/** A probability and what became of the nodes that it spoke of. */
export interface RiskOutcome {
  readonly prediction: MadeRisk;
  /** Weights of nodes that were interrupted within the horizon, and of those that surely were not. */
  readonly interrupted: number;
  readonly survived: number;
  /** Nodes behind these weights. */
  readonly interruptedNodes: number;
  readonly survivedNodes: number;
}

/** All probabilities of which anything is known, and how many nodes stand behind them. */
export interface RiskOutcomes {
  readonly outcomes: readonly RiskOutcome[];
  /** Distinct nodes with a known outcome. */
  readonly nodes: number;
  /** Distinct nodes that were interrupted within a horizon. */
  readonly interruptions: number;
  /** Node × prediction whose outcome is unknown. */
  readonly censored: number;
}

type Fate = 'interrupted' | 'survived' | 'censored';

interface NodeFate {
  readonly prediction: MadeRisk;
  readonly node: SpotNode;
  readonly fate: Fate;
  readonly afterMs: number;
}

/**
 * What became of each node that ran when a prediction was made. A node that went for another reason before the horizon was over
 * (scaled down, drained, no longer reported) is censored: nobody knows what would have happened to it. Leaving those out would
 * count interruptions too heavily, because an early one is seen before a node can go otherwise; so known outcomes are weighted
 * by the inverse probability of not being censored until then (E. Graf, C. Schmoor, W. Sauerbrei, M. Schumacher, "Assessment
 * and comparison of prognostic classification schemes for survival data", Statistics in Medicine 18 (1999) 2529–2545), that
 * probability estimated by Kaplan and Meier over all of them.
 * @param predictions whose horizon is over
 */
export function riskOutcomes(predictions: readonly MadeRisk[], nodes: readonly SpotNode[]): RiskOutcomes {
  const byPool = Map.groupBy(nodes, ({ pool }) => pool);
  const fates = predictions.flatMap(prediction =>
    (byPool.get(prediction.pool) ?? [])
      .filter(node => isAtRisk(node, prediction.madeAt))
      .map(node => fateOf(prediction, node)),
  );
  const uncensored = uncensoredShare(fates);
  const known = fates.filter(({ fate }) => fate !== 'censored');
  const outcomes = [...Map.groupBy(known, ({ prediction }) => prediction)].map(([prediction, own]) => {
    const outcome = { interrupted: 0, survived: 0, interruptedNodes: 0, survivedNodes: 0 };
    for (const { fate, afterMs } of own) {
      const weight = 1 / uncensored(afterMs);
      if (fate === 'interrupted') {
        outcome.interrupted += weight;
        outcome.interruptedNodes++;
      } else {
        outcome.survived += weight;
        outcome.survivedNodes++;
      }
    }
    return { prediction, ...outcome };
  });
  return {
    outcomes,
    nodes: new Set(known.map(({ node }) => node)).size,
    interruptions: new Set(known.filter(({ fate }) => fate === 'interrupted').map(({ node }) => node)).size,
    censored: fates.length - known.length,
  };
}

function fateOf(prediction: MadeRisk, node: SpotNode): NodeFate {
  const { madeAt, forMs } = prediction;
  const { interruptedMs, untilMs } = node;
  if (interruptedMs !== undefined && interruptedMs <= forMs) {
    return { prediction, node, fate: 'interrupted', afterMs: interruptedMs - madeAt };
  }
  const afterMs = Math.min(untilMs, forMs) - madeAt;
  return { prediction, node, fate: untilMs >= forMs ? 'survived' : 'censored', afterMs };
}

/**
 * The Kaplan-Meier estimate of the share that was not censored before a time after the prediction. At equal times interruptions
 * come before censoring.
 */
function uncensoredShare(fates: readonly NodeFate[]): (afterMs: number) => number {
  const sorted = fates.toSorted(
    (a, b) => a.afterMs - b.afterMs || Number(a.fate === 'censored') - Number(b.fate === 'censored'),
  );
  const times: number[] = [];
  const shares: number[] = [];
  let share = 1;
  for (const [index, { fate, afterMs }] of sorted.entries()) {
    if (fate !== 'censored') continue;
    share *= 1 - 1 / (sorted.length - index);
    times.push(afterMs);
    shares.push(share);
  }
  return afterMs => {
    // The last censoring strictly before it.
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((times[middle] ?? 0) < afterMs) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 1 : (shares[low - 1] ?? 1);
  };
}
