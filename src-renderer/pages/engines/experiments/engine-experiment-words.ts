import type { EngineExperiment, EngineExperimentResult } from '../../../../common/contracts/index.ts';
import { counted, formatShare } from '../../../components/number-text.ts';

/** `cheapest-in-zone 1.0.0 against spot`. */
export function enginePair({
  challengerName,
  championName,
}: Pick<EngineExperiment, 'challengerName' | 'championName'>): string {
  return `${challengerName} against ${championName}`;
}

/** What the challenger does, as the end of a sentence. */
export function engineModeWords({ rule }: Pick<EngineExperiment, 'rule'>): string {
  return rule.mode === 'shadow'
    ? 'in shadow: it is asked after each run and plans nothing'
    : `planning for ${formatShare(rule.challengerShare)} of the clusters`;
}

/** How much longer it may take, or what to do now. */
export function engineOutlook(
  experiment: Pick<EngineExperiment, 'championName' | 'rule' | 'endedAt'>,
  result: EngineExperimentResult | undefined,
): string {
  if (experiment.endedAt !== null || experiment.rule.mode === 'ab') return '';
  if (result === undefined || result.compared === 0)
    return `The next run of a cluster that uses ${experiment.championName} is the first one.`;
  if (result.verdict === 'challenger-better') return 'It is decided: the challenger can be promoted.';
  if (result.verdict === 'champion-better') return 'It is decided: stop it and keep the champion.';
  return '';
}

/** `about 12 more runs to go`, or why that cannot be said. */
export function runsLeftWords(result: EngineExperimentResult): string {
  const { verdict, runsLeft } = result;
  if (verdict === 'unknown') return 'an A/B is not judged';
  if (verdict === 'challenger-better' || verdict === 'champion-better') return 'enough to decide';
  if (runsLeft === null) return 'how many more it takes is unknown';
  return `about ${counted(runsLeft, 'more run', 'more runs')} to go`;
}
