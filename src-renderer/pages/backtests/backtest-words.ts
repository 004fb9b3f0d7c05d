import type { Backtest, BacktestReport } from '../../../common/contracts/index.ts';
import { counted } from '../../components/number-text.ts';
import type { Tone } from '../../components/tone-badge.tsx';

/** Baselines that can be tested without a model. */
export const BASELINES = [
  { value: 'persistence', label: 'Persistence: the last price stays' },
  { value: 'seasonal', label: 'Seasonal: the price of a week before' },
  { value: 'drift', label: 'Drift: the trend of the last days goes on' },
] as const;

/** Before a baseline of interruptions, where both kinds stand in one list. */
export const RISK_PREFIX = 'risk:';

/** Baselines of interruptions. */
export const RISK_BASELINES = [
  { value: `${RISK_PREFIX}persistence`, label: 'Persistence: what is away now, stays away' },
  { value: `${RISK_PREFIX}base-rate`, label: 'Base rate: as often as to all pools so far' },
] as const;

/** Badge of a backtest. */
export function backtestBadge({ state }: Pick<Backtest, 'state'>): {
  readonly tone: Tone;
  readonly text: string;
} {
  if (state === 'queued') return { tone: 'neutral', text: 'Waits' };
  if (state === 'running') return { tone: 'busy', text: 'Running' };
  if (state === 'failed') return { tone: 'risk', text: 'Failed' };
  if (state === 'cancelled') return { tone: 'neutral', text: 'Stopped' };
  return { tone: 'good', text: 'Done' };
}

/** The verdict in two words, with its tone. */
export function verdictWords(verdict: BacktestReport['verdict']): {
  readonly text: string;
  readonly tone: 'saving' | 'risk' | undefined;
} {
  if (verdict === 'better') return { text: 'Better', tone: 'saving' };
  if (verdict === 'no-better') return { text: 'Not better', tone: 'risk' };
  return { text: verdict === 'baseline' ? 'A baseline' : 'Too few points', tone: undefined };
}

/** `testing, 310 of 1,378 pools, 2.1 M points`. */
export function progressWords({ phase, pools, poolsTotal, points }: Backtest): string {
  const of =
    poolsTotal > 0
      ? `${pools.toLocaleString('en-US')} of ${counted(poolsTotal, 'pool')}`
      : 'pools are counted';
  return `${phase === 'reading' ? 'reading prices' : 'testing'}, ${of}${points > 0 ? `, ${counted(points, 'point')}` : ''}`;
}

/** `between 0.81 and 0.93`, or that there is too little time to say. */
export function intervalWords(
  interval: BacktestReport['intervals']['mase'],
  text: (value: number) => string,
): string {
  return interval === null
    ? 'too little time for an interval'
    : `between ${text(interval.lower)} and ${text(interval.upper)} (95 %)`;
}
