import type { PlanStep } from '../../../common/contracts/index.ts';

/** So many steps are told one by one; of more, those of the present. */
export const FEW_STEPS = 40;
const BEFORE = 5;

/** Steps in sight, in their order, and how many there are besides before the first and after. */
export interface StepsInSight {
  readonly shown: readonly PlanStep[];
  readonly before: number;
  readonly after: number;
}

/**
 * Of a long plan, the steps around the one that is next or under way, and those that failed, which say most; of a short plan, or one that has
 * `wanted` more, so many.
 */
export function stepsInSight(steps: readonly PlanStep[], wanted = FEW_STEPS): StepsInSight {
  if (steps.length <= wanted) return { shown: steps, before: 0, after: 0 };
  const isOpen = ({ state }: PlanStep) => state === 'running' || state === 'waiting';
  const present = steps.findIndex(isOpen);
  const from = Math.max(0, Math.min((present < 0 ? steps.length : present) - BEFORE, steps.length - wanted));
  const window = steps.slice(from, from + wanted);
  const inside = new Set(window.map(({ index }) => index));
  const apart = steps.filter(step => !inside.has(step.index) && isTelling(step));
  const early = apart.filter(({ index }) => index < (window[0]?.index ?? 0)).slice(-BEFORE);
  const late = apart.filter(({ index }) => index > (window.at(-1)?.index ?? 0)).slice(0, BEFORE);
  return {
    shown: [...early, ...window, ...late],
    before: from - early.length,
    after: steps.length - from - wanted - late.length,
  };
}

/** A step that failed, or that runs beside the present one. */
function isTelling({ state }: PlanStep): boolean {
  return state === 'failed' || state === 'running';
}
