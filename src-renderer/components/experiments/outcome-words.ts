import type { Experiment } from '../../../common/contracts/index.ts';
import { actorName } from '../actor-name.ts';
import { formatShare } from '../number-text.ts';
import type { Tone } from '../tone-badge.tsx';

type Ended = Pick<Experiment, 'outcome' | 'endedBy' | 'endReason'>;

/** `shadow`, or `A/B at 20 %`. */
export function modeName({ rule }: Pick<Experiment, 'rule'>): string {
  return rule.mode === 'shadow' ? 'shadow' : `A/B at ${formatShare(rule.challengerShare)}`;
}

/** How an experiment stands or ended, as a sentence. */
export function outcomeWords(experiment: Ended): string {
  const { outcome, endedBy, endReason } = experiment;
  const reason = endReason === null ? '' : ` ${endReason.replace(/\.?$/, '.')}`;
  const by = endedBy === null ? '' : ` by ${actorName(endedBy)}`;
  if (outcome === 'running') return 'It runs.';
  if (outcome === 'promoted') return `The challenger was made champion${by}.${reason}`;
  if (outcome === 'stopped') return `It was stopped${by}.${reason}`;
  if (outcome === 'guardrail') return `A guardrail ended it.${reason}`;
  return `It ended because another model became champion.${reason}`;
}

/** Badge of an experiment. */
export function outcomeBadge({ outcome }: Pick<Experiment, 'outcome'>): {
  readonly tone: Tone;
  readonly text: string;
} {
  if (outcome === 'running') return { tone: 'busy', text: 'Running' };
  if (outcome === 'promoted') return { tone: 'good', text: 'Promoted' };
  if (outcome === 'guardrail') return { tone: 'risk', text: 'Ended by guardrail' };
  return { tone: 'neutral', text: outcome === 'stopped' ? 'Stopped' : 'Champion changed' };
}
