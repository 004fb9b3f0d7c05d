import type { RiskBacktestPoolRow, RiskBacktestReport } from '../../../../common/contracts/index.ts';
import { AppError } from '../../../../common/errors.ts';
import type { MarketSlice } from '../../features/index.ts';
import type { TestedTimes } from '../backtest-pools.ts';
import { madeAtTimes } from '../made-at-times.ts';
import type { CapacityTrace } from '../policy/capacity-trace.ts';
import { comparePolicies, type PolicyOrder } from '../policy/index.ts';
import type { Origins, PoolAvailability } from './pool-availability.ts';
import { reportRiskBacktest, riskPoolRows } from './report-risk-backtest.ts';
import type { RiskForecaster } from './risk-forecaster.ts';
import { type RiskTraceOrder, tracesOfRecordings, withRisks } from './risk-traces.ts';
import { type RiskTally, runRiskBacktest } from './run-risk-backtest.ts';

/** A backtest of probabilities from recordings to report. */
export interface RiskBacktestPlan extends TestedTimes {
  readonly forecaster: RiskForecaster;
  readonly availability: readonly PoolAvailability[];
  /** Prices of pools where known, and facts of all. */
  readonly market: MarketSlice;
  readonly origins: Origins;
  /** Nodes that must be there at once, as the recordings were read. */
  readonly nodes: number;
  readonly notes: readonly string[];
  /** Jobs with which to find out what the forecaster is worth in dollars, where that is asked for. */
  readonly policy?: RiskPolicyPlan | undefined;
}

/** What policies are compared on; the rest is that of the backtest. */
export interface RiskPolicyPlan extends Pick<RiskTraceOrder, 'files' | 'spot' | 'onDemand'> {
  readonly jobs: Omit<PolicyOrder, 'assumptions'>;
}

const assumptions: readonly string[] = [
  'A recording tells when capacity could be had, not how long a running instance would have lived; zones of one region stand in for each other.',
  'The model is asked at each tick of the recordings about each pool that can be had then; where it says nothing, the price alone counts.',
  'Ticks shorter than 2 min are put together: capacity that was away for a moment was away.',
];

/** What came of it. */
export interface RiskBacktestResult {
  readonly riskReport: RiskBacktestReport;
  /** The one that is farthest behind the base rate first. */
  readonly riskPools: readonly RiskBacktestPoolRow[];
}

/**
 * Tests probabilities of interruption on recorded availability; see `madeAtTimes` for which times, `runRiskBacktest` for which points.
 * @param tell hears how many pools have been tested
 * @throws AppError `input.invalid` when there is nothing to test; what the forecaster throws and `signal` was aborted with
 */
export async function backtestRisks(
  { availability, market, forecaster, origins, nodes, notes, policy, ...window }: RiskBacktestPlan,
  signal: AbortSignal,
  tell: (pools: number, points: number) => void,
): Promise<RiskBacktestResult> {
  const { stepMs, trainedUntilMs, isEmbargoLifted } = window;
  const timesMs = madeAtTimes({
    ...window,
    horizonMs: forecaster.horizonMs,
    knownFromMs: Math.min(...availability.map(({ fromMs }) => fromMs)),
    knownToMs: Math.max(...availability.map(({ toMs }) => toMs)),
    what: 'recordings',
  });
  // Read first: a recording that tells no price is refused before the long part.
  const asked = policy && askedOf(policy, { forecaster, market, nodes, availability, timesMs });
  const tested = { forecaster, availability, market, timesMs, stepMs, origins };
  const tally = await runRiskBacktest(tested, signal, tell);
  if (tally.totals.model.points === 0) throw nothingToCompare(tally, forecaster);
  const riskReport = reportRiskBacktest(tally, {
    ...{ forecaster, timesMs, stepMs, trainedUntilMs, isEmbargoLifted, origins, nodes, notes },
    poolsRecorded: availability.length,
  });
  const riskPools = riskPoolRows(tally);
  if (!policy || !asked) return { riskReport, riskPools };
  const foretold = await withRisks(asked.traces, asked.order, signal);
  const compared = await comparePolicies(foretold, { ...policy.jobs, assumptions }, signal, () =>
    tell(availability.length, tally.totals.model.points),
  );
  return { riskReport: { ...riskReport, policy: compared }, riskPools };
}

function askedOf(
  { files, spot, onDemand }: RiskPolicyPlan,
  {
    forecaster,
    market,
    nodes,
    availability,
    timesMs,
  }: Pick<RiskBacktestPlan, 'forecaster' | 'market' | 'nodes' | 'availability'> & { timesMs: Float64Array },
): { order: RiskTraceOrder; traces: CapacityTrace[] } {
  const order = {
    ...{ files, spot, onDemand, forecaster, market, nodes },
    pools: availability.map(({ pool }) => pool),
    fromMs: timesMs[0] ?? 0,
    toMs: (timesMs.at(-1) ?? 0) + forecaster.horizonMs,
  };
  return { order, traces: tracesOfRecordings(order) };
}

function nothingToCompare({ leftOut }: RiskTally, { unknownFeatures }: RiskForecaster): AppError {
  const count = (value: number) => value.toLocaleString('en-US');
  const [most] = [...unknownFeatures].sort(([, a], [, b]) => b - a);
  if (most) {
    const [feature, rows] = most;
    return new AppError(
      'input.invalid',
      `The model could say nothing at any time: its feature "${feature}" is unknown at ${count(rows)} of ${count(leftOut.noForecast)} pool-times.`,
      {
        hint: 'Give prices of the recorded pools and times, from further back; list prices and types come from the catalog.',
      },
    );
  }
  return new AppError(
    'input.invalid',
    `No probability can be compared: at ${count(leftOut.unknownState)} pool-times nobody looked, at ${count(leftOut.unknownOutcome)} the horizon was not recorded to its end, at ${count(leftOut.away)} there was no capacity, and at ${count(leftOut.unknownBaseRate)} too little had happened to know a base rate.`,
    { hint: 'Give recordings of a longer time, or test a model of a shorter horizon.' },
  );
}
