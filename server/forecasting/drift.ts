import type { Drift } from '../../common/contracts/index.ts';
import { formatDuration } from '../../common/units/index.ts';
import { holm } from './holm.ts';
import type { ShiftTest } from './shift-test.ts';

/** Stretches of time that are held against each other. */
export interface DriftWindows {
  readonly referenceFromMs: number | null;
  readonly referenceToMs: number | null;
  readonly recentFromMs: number;
  readonly recentToMs: number;
  readonly referenceKind: Drift['referenceKind'];
}

/** Tests of a model's inputs, and of its errors where enough came due. */
export interface DriftTests {
  readonly inputs: readonly (ShiftTest & { readonly feature: string })[];
  readonly residuals: { readonly signed: ShiftTest; readonly absolute: ShiftTest } | null;
}

const LEVEL = 0.05;
/** Below this population stability index a shift is commonly held not to matter (Siddiqi 2006), however certain it is. */
const SMALLEST_EFFECT = 0.1;

/**
 * Judges a model's drift tests together: something drifts when it is certain (p after Holm over inputs and errors below 5 %, so
 * that the chance of any false alarm in one check is at most 5 %) and large enough to matter. What has too little data to be
 * tested is said to be so.
 */
export function driftOf({ inputs, residuals }: DriftTests, windows: DriftWindows, checkedAt: number): Drift {
  const tests = residuals ? [...inputs, residuals.signed, residuals.absolute] : inputs;
  const known = tests.filter(test => test.p !== undefined);
  const adjusted = holm(known.map(test => test.p ?? 1));
  const judged = (test: ShiftTest) => {
    const pAdjusted = adjusted[known.indexOf(test)] ?? null;
    const effect = test.effect ?? null;
    const drifting = pAdjusted !== null && pAdjusted < LEVEL && effect !== null && effect >= SMALLEST_EFFECT;
    return { pAdjusted, effect, referenceN: test.referenceN, recentN: test.recentN, drifting };
  };
  const judgedInputs = inputs.map(test => ({ feature: test.feature, ...judged(test) }));
  const judgedResiduals = residuals && {
    signed: judged(residuals.signed),
    absolute: judged(residuals.absolute),
  };
  const drifting = judgedInputs.filter(input => input.drifting).map(input => input.feature);
  const hasResidualDrift = judgedResiduals?.signed.drifting || judgedResiduals?.absolute.drifting;
  const state =
    known.length === 0 ? 'unknown' : drifting.length > 0 || hasResidualDrift ? 'drifting' : 'none';
  return {
    state,
    sentence: sentenceOf(state, drifting, hasResidualDrift === true, known.length, tests.length, windows),
    checkedAt,
    inputs: judgedInputs,
    residuals: judgedResiduals,
    ...windows,
  };
}

function sentenceOf(
  state: Drift['state'],
  drifting: readonly string[],
  hasResidualDrift: boolean,
  known: number,
  all: number,
  windows: DriftWindows,
): string {
  const recent = formatDuration(windows.recentToMs - windows.recentFromMs);
  if (state === 'unknown') {
    return windows.referenceKind === null
      ? 'Whether inputs drift is unknown: there are no earlier days on disk to hold them against.'
      : `Whether inputs drift is unknown: the last ${recent} and the days before hold too few independent stretches.`;
  }
  const since =
    windows.referenceKind === 'before-trained-until'
      ? 'before "trained until"'
      : 'in the first days after "trained until"';
  const tested = known < all ? ` (${known} of ${all} could be tested)` : '';
  if (state === 'none') {
    return `Over the last ${recent} nothing is distributed otherwise than ${since}${tested}.`;
  }
  const most = 3;
  const named = drifting.slice(0, most).join(', ');
  const more = drifting.length > most ? ` and ${drifting.length - most} more` : '';
  const inputs =
    drifting.length === 0
      ? []
      : [`${named}${more} ${drifting.length === 1 ? 'is' : 'are'} distributed otherwise than ${since}`];
  const errors = hasResidualDrift ? ['its errors are not what they were in the first days kept'] : [];
  return `Over the last ${recent} ${[...inputs, ...errors].join(', and ')}${tested}.`;
}
