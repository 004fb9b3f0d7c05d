import type { DecisionRun, Plan } from '../../common/contracts/index.ts';

/** How much of each part lists tell: one plan for a thousand nodes moves ten thousand pods, and a list has many plans. */
const LISTED = 10;

/** A plan as lists and the live topic of all plans tell it; asked for alone, it is told whole. */
export function listedPlan(plan: Plan): Plan {
  const { reasons, pods, remove, add, steps } = plan;
  if ([reasons, pods, remove, add, steps].every(({ length }) => length <= LISTED)) return plan;
  const cut = <Part>(parts: readonly Part[]) => parts.slice(0, LISTED);
  return {
    ...plan,
    reasons: cut(reasons),
    pods: cut(pods),
    remove: cut(remove),
    add: cut(add),
    steps: cut(steps),
    more: {
      reasons: moreOf(reasons),
      pods: moreOf(pods),
      remove: moreOf(remove),
      add: moreOf(add),
      steps: moreOf(steps),
      stepsEnded: steps.slice(LISTED).filter(({ state }) => state === 'done' || state === 'skipped').length,
    },
  };
}

/** A run as lists and the live topic of all plans tell it. */
export function listedRun(run: DecisionRun): DecisionRun {
  const more = moreOf(run.blocked);
  return more === 0 ? run : { ...run, blocked: run.blocked.slice(0, LISTED), moreBlocked: more };
}

function moreOf(parts: readonly unknown[]): number {
  return Math.max(0, parts.length - LISTED);
}
