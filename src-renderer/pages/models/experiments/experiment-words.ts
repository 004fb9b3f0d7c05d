import type { Experiment, ExperimentResult, Model } from '../../../../common/contracts/index.ts';
import { formatDuration } from '../../../../common/units/index.ts';
import { formatShare } from '../../../components/number-text.ts';
import { versionName } from '../model-order.ts';

/** `the clusters`, or `the workloads of each cluster`: what an A/B shares out. */
export function unitWords(unit: Experiment['rule']['unit']): string {
  return unit === 'workload' ? 'the workloads of each cluster' : 'the clusters';
}

/** `in shadow, serving no cluster`, or `serving 20 % of the clusters`. */
export function modeWords({ rule }: Pick<Experiment, 'rule'>): string {
  return rule.mode === 'shadow'
    ? 'in shadow, serving no cluster'
    : `serving ${formatShare(rule.challengerShare)} of ${unitWords(rule.unit)}`;
}

/** How much longer it may take, or what to do now. */
export function outlookWords(result: ExperimentResult | undefined, horizonHours: number | undefined): string {
  if (result === undefined) {
    const first = horizonHours === undefined ? 'one horizon' : formatDuration(horizonHours * 3_600_000);
    return `The first comparison needs predictions of both whose time has come: about ${first} after the start.`;
  }
  if (result.verdict === 'challenger-better') return 'It is decided: the challenger can be promoted.';
  if (result.verdict === 'champion-better') return 'It is decided: stop it and keep the champion.';
  if (result.etaMs === null)
    return 'How much longer it takes is unknown; with a difference this small it may never be decided.';
  return `If it goes on like this, it is decided in about ${formatDuration(result.etaMs)}.`;
}

/** `Spot price 1.1.0 against Spot price 1.0.0`; a version that is not known is named by its id. */
export function pairName(
  { challengerId, championId }: Pick<Experiment, 'challengerId' | 'championId'>,
  models: ReadonlyMap<string, Model> | undefined,
): string {
  const nameOf = (id: string) => {
    const model = models?.get(id);
    return model ? versionName(model) : id;
  };
  return `${nameOf(challengerId)} against ${nameOf(championId)}`;
}
