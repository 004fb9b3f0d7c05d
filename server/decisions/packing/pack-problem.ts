import { asIfRequired } from './as-if-required.ts';
import { unlessOutOfTime } from './out-of-time.ts';
import type { PackBinsOptions } from './pack-bins.ts';
import { packOnce } from './pack-once.ts';
import type { PackingAnswer } from './packing-answer.ts';
import { kindsOf, type PreferenceKind, preferenceKinds } from './preference-counts.ts';
import type { PackingProblem } from './problem.ts';
import { type BoundOf, boundsOf } from './relaxed-bound.ts';

export interface PackOptions extends Omit<PackBinsOptions, 'isTooLate'> {
  /** How much dearer an answer may be, as part of the cheapest one, when it breaks fewer preferences. */
  readonly preferenceTolerance?: number;
}

/** Packing with something to fall back on. */
export interface PackInTimeOptions extends PackOptions {
  /** What is not finished by then is given up; no earlier than `shouldStop`. */
  readonly isTooLate: () => boolean;
  /** The bound takes as long as a packing; without it `lowerBoundMicroUsdPerHour` only counts nodes that stay anyway. */
  readonly withoutBound?: boolean;
}

/** One part in two hundred: about what the first answer is off the bound. */
const PREFERENCE_TOLERANCE = 0.005;

/**
 * The cheapest nodes found for all pods, each of which kube-scheduler would bind where it is put; of answers that cost nearly the same, the one that
 * breaks fewest preferences. Pure: the same problem and seed give the same answer, unless `shouldStop` ends the search early; what it then has is
 * valid all the same.
 */
export function packProblem(problem: PackingProblem, options: PackOptions): PackingAnswer {
  if (problem.pods.every(pod => kindsOf(pod).length === 0)) return packOnce(problem, problem, options);
  const boundOf = boundsOf(problem, options.solve);
  return bestAfter(packOnce(problem, problem, quickOf(options), boundOf), problem, options, boundOf);
}

/** The same, or `undefined` when it is too late before there is a first answer. */
export function packInTime(problem: PackingProblem, options: PackInTimeOptions): PackingAnswer | undefined {
  const boundOf = options.withoutBound ? () => 0 : boundsOf(problem, options.solve);
  const first = unlessOutOfTime(() => packOnce(problem, problem, quickOf(options), boundOf));
  return first && bestAfter(first, problem, options, boundOf);
}

function quickOf({ report: _, ...silent }: PackOptions): PackBinsOptions {
  return { ...silent, patience: 0 };
}

function bestAfter(
  first: PackingAnswer,
  problem: PackingProblem,
  options: PackOptions & Pick<PackBinsOptions, 'isTooLate'>,
  boundOf: BoundOf,
): PackingAnswer {
  const { preferenceTolerance = PREFERENCE_TOLERANCE, ...search } = options;
  const wished = new Set(problem.pods.flatMap(kindsOf));
  const answers = [first];
  const best = () => choose(answers, preferenceTolerance);
  const plannedBy = new Map<PackingAnswer, ReadonlySet<PreferenceKind>>();
  /** Whether wishes of these kinds can be had for nearly nothing. */
  const tryKinds = (kinds: ReadonlySet<PreferenceKind>): boolean => {
    if (search.shouldStop() || brokenPods(best()) === 0) return false;
    const quick = { ...quickOf(search), isTooLate: search.shouldStop };
    const answer = unlessOutOfTime(() => packOnce(problem, asIfRequired(problem, kinds), quick, boundOf));
    if (!answer) return false;
    answers.push(answer);
    plannedBy.set(answer, kinds);
    return best() === answer;
  };
  if (!tryKinds(wished) && wished.size > 1) {
    let kept = new Set<PreferenceKind>();
    for (const kind of preferenceKinds) {
      const more = new Set([...kept, kind]);
      if (wished.has(kind) && tryKinds(more)) kept = more;
    }
  }
  if (search.patience > 0 && !search.shouldStop()) {
    const kinds = plannedBy.get(best());
    const asIf = kinds ? asIfRequired(problem, kinds) : problem;
    const answer = unlessOutOfTime(() => packOnce(problem, asIf, search, boundOf));
    if (answer) answers.push(answer);
  }
  return best();
}

/** Of the answers that leave fewest pods out and cost at most so much more than the cheapest of them, the one that breaks fewest preferences. */
function choose(answers: readonly PackingAnswer[], tolerance: number): PackingAnswer {
  const fewest = Math.min(...answers.map(unplacedPods));
  const complete = answers.filter(answer => unplacedPods(answer) === fewest);
  const most = Math.min(...complete.map(answer => answer.costMicroUsdPerHour)) * (1 + tolerance);
  const [first] = complete
    .filter(answer => answer.costMicroUsdPerHour <= most)
    .sort((a, b) => brokenPods(a) - brokenPods(b) || a.costMicroUsdPerHour - b.costMicroUsdPerHour);
  return first as PackingAnswer;
}

function unplacedPods({ unplaced }: PackingAnswer): number {
  return unplaced.reduce((sum, { count }) => sum + count, 0);
}

function brokenPods({ brokenPreferences }: PackingAnswer): number {
  return brokenPreferences.reduce((sum, { count }) => sum + count, 0);
}
