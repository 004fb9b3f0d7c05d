import { describe, expect, it } from 'vitest';
import type { Plan, PlanStep } from '../../common/contracts/index.ts';
import { freshSteps, nextMove, withStep, withUndo } from './plan-progress.ts';

const node = (name: string) => ({
  name,
  uid: `uid-${name}`,
  instanceType: 'm5.large',
  zone: 'us-east-1a',
  capacityType: 'on-demand' as const,
  priceMicroUsdPerHour: 96_000,
});
const all = () => true;

/** A running plan that removes a and b in one wave and c in the next. */
function planOfThree(): Plan {
  const remove = [node('a'), node('b'), node('c')];
  return {
    state: 'running',
    remove,
    pods: [],
    steps: freshSteps([remove.slice(0, 2), remove.slice(2)]),
  } as unknown as Plan;
}

/** Does the steps up to `count` of them. */
function planAfter(count: number, plan = planOfThree()): Plan {
  return plan.steps
    .slice(0, count)
    .reduce((one, { index }) => withStep(one, index, { state: 'done', startedAt: 1, endedAt: 2 }), plan);
}

const words = ({ kind, node: { name } }: Pick<PlanStep, 'kind' | 'node'>) => `${kind} ${name}`;

describe('the steps of a plan', () => {
  it('cordon all nodes of a wave before the first of them is drained', () => {
    expect(planOfThree().steps.map(step => `${step.wave} ${words(step)}`)).toEqual([
      '1 cordon a',
      '1 cordon b',
      '1 drain a',
      '1 delete-node a',
      '1 drain b',
      '1 delete-node b',
      '2 cordon c',
      '2 drain c',
      '2 delete-node c',
    ]);
  });

  it('are done in order until the last node is removed', () => {
    for (let done = 0; done < 9; done++)
      expect(nextMove(planAfter(done), all)).toEqual({ kind: 'run', index: done });
    expect(nextMove(planAfter(9), all)).toMatchObject({ kind: 'end', state: 'succeeded' });
  });

  it('are taken back for the nodes that were cordoned and still stand, and for no other', () => {
    const failed = withStep(planAfter(4), 4, {
      state: 'failed',
      startedAt: 1,
      detail: 'a budget never allowed it',
    });
    const stands = (uid: string) => uid !== 'uid-a';
    expect(nextMove(failed, stands)).toEqual({ kind: 'undo' });
    const undone = withUndo(failed, stands);
    expect(undone.steps.filter(step => step.kind === 'uncordon').map(words)).toEqual(['uncordon b']);
    expect(nextMove(undone, stands)).toEqual({ kind: 'run', index: 9 });
    const ended = nextMove(withStep(undone, 9, { state: 'done', startedAt: 1 }), stands);
    expect(ended).toEqual({
      kind: 'end',
      state: 'failed',
      outcome:
        'Step drain of b failed: a budget never allowed it. Node a was drained and removed before that. Node b was uncordoned and takes pods again.',
    });
  });

  it('end without an undo where nothing was begun', () => {
    expect(nextMove({ ...planOfThree(), state: 'stopping' }, all)).toEqual({
      kind: 'end',
      state: 'stopped',
      outcome: 'Stopped before any step was done. Nothing was changed.',
    });
  });
});
