import type { EngineGuardrailResult, EngineGuardrails } from '../../../common/contracts/index.ts';
import type { ArmTotals, TrialTotals } from './trial-store.ts';

/** Below so many moves a share of refused ones says little. */
const FEWEST_MOVES = 20;
/** Below so many runs of either, moves for a dollar say little. */
const FEWEST_RUNS = 20;
const MICRO_USD = 1_000_000;

/** Every guardrail with its value and limit, breached or not. */
export function engineGuardrailsOf(totals: TrialTotals, limits: EngineGuardrails): EngineGuardrailResult[] {
  return [
    failures('invalid-answers', totals.invalidAnswers, limits.invalidAnswers, totals.failureReason),
    failures('deadline-overruns', totals.overruns, limits.overruns, null),
    refusedMoves(totals, limits.refusedShare),
    movesPerDollar(totals, limits.movesFactor),
  ];
}

/** Pods that move for each saved dollar an hour; `null` where nothing is saved. */
export function movesPerUsdPerHour({ moves, savedMicroUsdPerHour: saved }: ArmTotals): number | null {
  return saved > 0 ? (moves * MICRO_USD) / saved : null;
}

function failures(
  name: 'invalid-answers' | 'deadline-overruns',
  value: number,
  limit: number,
  reason: string | null,
): EngineGuardrailResult {
  const what = name === 'invalid-answers' ? 'gave no valid answer' : 'missed its deadline';
  const why = reason === null ? '' : ` The last time: ${reason}`;
  return {
    name,
    value,
    limit,
    breached: value >= limit,
    sentence:
      value === 0
        ? `The challenger never ${what}.`
        : `The challenger ${what} ${value === 1 ? 'once' : `${group(value)} times`}; at ${group(limit)} the experiment ends.${why}`,
  };
}

function refusedMoves({ proposals, refused }: TrialTotals, limit: number): EngineGuardrailResult {
  const all = proposals + refused;
  const value = all === 0 ? null : refused / all;
  return {
    name: 'refused-moves',
    value,
    limit,
    breached: value !== null && all >= FEWEST_MOVES && value > limit,
    sentence:
      value === null
        ? 'The challenger has proposed no move yet.'
        : `${group(refused)} of ${group(all)} moves of the challenger broke a rule and were refused (${percent(value)}; the limit is ${percent(limit)}).`,
  };
}

/** Compared by products: a challenger that moves pods and saves nothing has no finite figure, and is worse than any limit. */
function movesPerDollar({ champion, challenger }: TrialTotals, limit: number): EngineGuardrailResult {
  const own = movesPerUsdPerHour(challenger);
  const other = movesPerUsdPerHour(champion);
  const value = own === null || other === null || other === 0 ? null : own / other;
  const isEnough = Math.min(champion.runs, challenger.runs) >= FEWEST_RUNS;
  const isComparable = champion.moves > 0 && champion.savedMicroUsdPerHour > 0;
  const exceeds =
    challenger.moves * champion.savedMicroUsdPerHour >
    limit * champion.moves * challenger.savedMicroUsdPerHour;
  const breached = isEnough && isComparable && exceeds;
  return {
    name: 'moves-per-dollar',
    value,
    limit,
    breached,
    sentence:
      value !== null
        ? `The challenger moves ${factor(value)} times as many pods as the champion for each dollar that it saves; the limit is ${factor(limit)} times.`
        : breached
          ? `The challenger moves ${group(challenger.moves)} pods and saves nothing.`
          : 'How many pods either moves for a saved dollar cannot be compared yet.',
  };
}

function group(count: number): string {
  return count.toLocaleString('en-US');
}

function factor(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
