import type { Plan } from '../../../../common/contracts/index.ts';
import { HOURS_PER_MONTH, MS_PER_HOUR } from '../../../../common/units/index.ts';
import type { DecisionPolicy } from '../../policy.ts';
import type { PoolOutlook } from '../engine.ts';

/** No instance costs more than $1,000 an hour: a larger figure is a fault of its source. */
const MAX_PRICE_MICRO_USD_PER_HOUR = 1_000_000_000;

/** Whether a figure can be a price: finite, above zero, and not absurd. */
export function isPrice(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MAX_PRICE_MICRO_USD_PER_HOUR;
}

/** Whether a figure can be a risk: 0…100 percent per month. */
export function isRisk(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 100;
}

/**
 * Every dollar of replacing a node by one of a pool, in integer micro-USD.
 *
 * - after: the mean of the price now and the one forecast at the horizon, which is the mean over the horizon of a price
 *   that goes there in a straight line; a model that only sees a far spike does not move the decision by all of it.
 * - risk: interruptions per hour × cost of one. `maxPercent / 100 / 730` is the expected number per hour when that share
 *   of nodes is interrupted in a month, taken at the upper end of the advisor's band.
 * - switching: both nodes run while pods move.
 *
 * The caller has checked prices by `isPrice` and the risk by `isRisk`.
 */
export function expectedCost(
  nowMicroUsdPerHour: number,
  outlook: PoolOutlook,
  interruptionMaxPercentPerMonth: number,
  policy: DecisionPolicy,
): Plan['cost'] {
  const after = (outlook.priceMicroUsdPerHour + outlook.predictedMicroUsdPerHour) / 2;
  const restartMicroUsd =
    (policy.lostWorkMs / MS_PER_HOUR) * nowMicroUsdPerHour + policy.interruptionMicroUsd;
  // Rounded up: a fraction of a micro-USD is in favour of staying.
  const risk = Math.ceil((interruptionMaxPercentPerMonth / 100 / HOURS_PER_MONTH) * restartMicroUsd);
  const afterMicroUsdPerHour = Math.ceil(after);
  const switching = Math.ceil(
    (policy.overlapMs / MS_PER_HOUR) * (nowMicroUsdPerHour + outlook.priceMicroUsdPerHour),
  );
  const saving = nowMicroUsdPerHour - afterMicroUsdPerHour - risk;
  return {
    nowMicroUsdPerHour,
    afterMicroUsdPerHour,
    riskMicroUsdPerHour: risk,
    switchingMicroUsd: switching,
    savingMicroUsdPerHour: saving,
    paybackMs: saving > 0 ? Math.ceil((switching / saving) * MS_PER_HOUR) : null,
  };
}

/** Whether a move saves enough, soon enough. */
export function isWorthwhile(cost: Plan['cost'], fromSpot: boolean, policy: DecisionPolicy): boolean {
  const share = fromSpot ? policy.minimumSpotToSpotSavingShare : policy.minimumSavingShare;
  return (
    cost.savingMicroUsdPerHour > 0 &&
    cost.savingMicroUsdPerHour >= cost.nowMicroUsdPerHour * share &&
    cost.savingMicroUsdPerHour >= policy.minimumSavingMicroUsdPerHour &&
    cost.paybackMs !== null &&
    cost.paybackMs < policy.maximumPaybackMs
  );
}
