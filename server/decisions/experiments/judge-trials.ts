import type { EngineArm, EngineExperiment, EngineExperimentResult } from '../../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../../common/units/index.ts';
import { judgeDifferences, usualConfidence } from '../../forecasting/index.ts';
import { engineGuardrailsOf, movesPerUsdPerHour } from './engine-guardrails.ts';
import type { ArmTotals, HourDifference, TrialTotals } from './trial-store.ts';

/**
 * What an experiment between engines shows so far. Runs of a cluster within an hour see nearly the same state, and clusters see the
 * same prices, so an hour with runs is one observation, and only once it is over. In an A/B each cluster stays on its side, and the
 * sides differ by their clusters as much as by their engines: its verdict is "unknown".
 * @param hours oldest first, none that is not over
 */
export function judgeTrials(
  experiment: EngineExperiment,
  hours: readonly HourDifference[],
  totals: TrialTotals,
  asOfMs: number,
): EngineExperimentResult {
  const { id, startedAt, alpha, rule } = experiment;
  const confidence = { ...usualConfidence, alpha };
  const { observationsLeft, verdict, ...judged } = judgeDifferences(
    hours.map(({ hour, value }) => ({ atMs: startedAt + (hour + 1) * MS_PER_HOUR, value })),
    confidence,
  );
  const isShadow = rule.mode === 'shadow';
  const hoursLeft = isShadow ? observationsLeft : null;
  const result = {
    experimentId: id,
    asOfMs,
    runs: totals.runs,
    compared: totals.compared,
    hours: hours.length,
    ...judged,
    champion: armOf(totals.champion),
    challenger: armOf(totals.challenger),
    verdict: isShadow ? verdict : ('unknown' as const),
    hoursLeft,
    runsLeft:
      hoursLeft === null || hours.length === 0
        ? null
        : Math.ceil((hoursLeft * totals.compared) / hours.length),
    guardrails: engineGuardrailsOf(totals, experiment.guardrails),
  };
  return { ...result, sentence: sentenceOf(result, confidence.fewest) };
}

/** How far an hour is: those before it are over. */
export function hourOf({ startedAt }: Pick<EngineExperiment, 'startedAt'>, atMs: number): number {
  return Math.floor((atMs - startedAt) / MS_PER_HOUR);
}

function armOf(totals: ArmTotals): EngineArm {
  const { clusters, runs, savedMicroUsdPerHour, savedShare } = totals;
  return {
    clusters,
    runs,
    savedMicroUsdPerHour: runs === 0 ? null : Math.round(savedMicroUsdPerHour / runs),
    savedShare: runs === 0 ? null : savedShare / runs,
    movesPerUsdPerHour: movesPerUsdPerHour(totals),
  };
}

function sentenceOf(result: Omit<EngineExperimentResult, 'sentence'>, fewest: number): string {
  const breached = result.guardrails.find(guardrail => guardrail.breached);
  if (breached) return breached.sentence;
  const { verdict, hours, compared, champion, challenger, hoursLeft, runsLeft } = result;
  if (verdict === 'unknown')
    return 'In an A/B each cluster stays on one side, so the sides differ by their clusters as well as by their engines: which engine is better is unknown. Compare them in shadow to learn that; what plans of each really saved is on the page Savings, by engine.';
  if (compared === 0) return 'No run has been compared yet.';
  const runs = `${count(compared, 'run')} in ${count(hours, 'hour')}`;
  if (verdict === 'too-few' || champion.savedShare === null || challenger.savedShare === null)
    return `${count(compared, 'run')} compared, and ${count(hours, 'hour')} with runs over; from ${fewest} such hours on there is something to say.`;
  const words = `Over ${runs} the challenger proposes to save ${percent(challenger.savedShare)} of the cost on average, the champion ${percent(champion.savedShare)}`;
  if (verdict === 'challenger-better') return `${words}: the challenger saves more.`;
  if (verdict === 'champion-better') return `${words}: the champion saves more.`;
  const wait =
    hoursLeft === null || runsLeft === null
      ? 'when it will be decided cannot be foreseen'
      : `it may take ${count(runsLeft, 'more run', 'more runs')} in ${count(hoursLeft, 'hour')} if it goes on like this`;
  return `${words}: undecided so far; ${wait}.`;
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en-US')} ${value === 1 ? one : many}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
