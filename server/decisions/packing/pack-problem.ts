import { asIfRequired } from './as-if-required.ts';
import type { PackBinsOptions } from './pack-bins.ts';
import { packOnce } from './pack-once.ts';
import type { PackingAnswer } from './packing-answer.ts';
import { kindsOf, type PreferenceKind, preferenceKinds } from './preference-counts.ts';
import type { PackingProblem } from './problem.ts';

export interface PackOptions extends PackBinsOptions {
  /** How much dearer an answer may be, as part of the cheapest one, when it breaks fewer preferences. */
  readonly preferenceTolerance?: number;
}

/** One part in two hundred: about what the first answer is off the bound. */
const PREFERENCE_TOLERANCE = 0.005;

/**
 * The cheapest nodes found for all pods, each of which kube-scheduler would bind where it is put; of answers that cost nearly the same, the one that
 * breaks fewest preferences. Pure: the same problem and seed give the same answer, unless `shouldStop` ends the search early; what it then has is
 * valid all the same.
 */
export function packProblem(problem: PackingProblem, options: PackOptions): PackingAnswer {
  const wished = new Set(problem.pods.flatMap(kindsOf));
  if (wished.size === 0) return packOnce(problem, problem, options);
  const { preferenceTolerance = PREFERENCE_TOLERANCE, ...search } = options;
  const { report: _, ...silent } = search;
  const quick: PackBinsOptions = { ...silent, patience: 0 };
  const answers = [packOnce(problem, problem, quick)];
  const best = () => choose(answers, preferenceTolerance);
  const plannedBy = new Map<PackingAnswer, ReadonlySet<PreferenceKind>>();
  /** Whether wishes of these kinds can be had for nearly nothing. */
  const tryKinds = (kinds: ReadonlySet<PreferenceKind>): boolean => {
    if (search.shouldStop() || brokenPods(best()) === 0) return false;
    const answer = packOnce(problem, asIfRequired(problem, kinds), quick);
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
    answers.push(packOnce(problem, kinds ? asIfRequired(problem, kinds) : problem, search));
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
