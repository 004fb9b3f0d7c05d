import { describe, expect, it } from 'vitest';
import type { Plan, PlanStep } from '../../common/contracts/index.ts';
import { roomOrder } from './making-room/room-steps.ts';
import { freshSteps, nextMove, withGone, withStep, withUndo } from './plan-progress.ts';

const node = (name: string) => ({
  name,
  uid: `uid-${name}`,
  instanceType: 'm5.large',
  zone: 'us-east-1a',
  capacityType: 'on-demand' as const,
  priceMicroUsdPerHour: 96_000,
});
const all = { stands: () => true, mayJoin: () => false, hasPod: () => true, nodeOf: () => undefined };
const without = (gone: string) => ({ ...all, stands: (uid: string) => uid !== gone });

/** A running plan that removes a and b in one wave and c in the next. */
function planOfThree(): Plan {
  const remove = [node('a'), node('b'), node('c')];
  return {
    state: 'running',
    remove,
    pods: [],
    steps: freshSteps([
      { remove: remove.slice(0, 2), order: [] },
      { remove: remove.slice(2), order: [] },
    ]),
  } as unknown as Plan;
}

/** A running plan that moves two pods off s, which stays, and then removes b. */
function planThatMakesRoom(): Plan {
  const pod = (name: string, from: string) => ({ namespace: 'shop', name, uid: `uid-${name}`, from });
  const [s, b] = [node('s'), node('b')];
  const pods = [pod('x', 's'), pod('y', 's'), pod('z', 'b')];
  const plan = { state: 'running', remove: [b], makeRoom: [s], pods } as unknown as Plan;
  const steps = freshSteps([
    { remove: [], order: [], room: roomOrder(plan, ['s']) },
    { remove: [b], order: [] },
  ]);
  return { ...plan, steps };
}

/** Does the steps up to `count` of them. */
function planAfter(count: number, plan = planOfThree()): Plan {
  return plan.steps
    .slice(0, count)
    .reduce((one, { index }) => withStep(one, index, { state: 'done', startedAt: 1, endedAt: 2 }), plan);
}

const words = ({ kind, node }: Pick<PlanStep, 'kind' | 'node'>) => (node ? `${kind} ${node.name}` : kind);

describe('the steps of a plan', () => {
  it('cordon all nodes of a plan before the first of them is drained', () => {
    expect(planOfThree().steps.map(step => `${step.wave} ${words(step)}`)).toEqual([
      '1 check',
      '1 cordon a',
      '1 cordon b',
      '1 cordon c',
      '1 drain a',
      '1 delete-node a',
      '1 drain b',
      '1 delete-node b',
      '2 check',
      '2 drain c',
      '2 delete-node c',
    ]);
  });

  it('move pods off nodes that stay while these and the nodes that go later are shut, before a node is drained', () => {
    const plan = planThatMakesRoom();
    expect(plan.steps.map(step => `${step.wave} ${words(step)}`)).toEqual([
      '1 check',
      '1 cordon b',
      '1 cordon s',
      '1 evict s',
      '1 evict s',
      '1 settle',
      '1 release s',
      '2 check',
      '2 drain b',
      '2 delete-node b',
    ]);
    for (let done = 0; done < 10; done++)
      expect(nextMove(planAfter(done, plan), all)).toMatchObject({ index: done });
    expect(nextMove(planAfter(10, plan), all)).toMatchObject({
      state: 'succeeded',
      outcome:
        'Node b was drained and removed; its 1 pods run elsewhere. 2 pods made room for them by leaving nodes that stay.',
    });
  });

  it('uncordon the nodes that are shut when a wave that makes room fails or is stopped at any step', () => {
    const plan = planThatMakesRoom();
    const shutAfter = (count: number, change: Partial<Plan>) => {
      const undone = withUndo({ ...planAfter(count, plan), ...change }, all);
      return undone.steps.filter(({ kind }) => kind === 'uncordon').map(({ node }) => node?.name);
    };
    const shut = Array.from({ length: 10 }, (_, count) => shutAfter(count, { state: 'stopping' }).join(' '));
    expect(shut).toEqual(['', '', 'b', 'b s', 'b s', 'b s', 'b s', 'b', 'b', 'b']);
    const failed = withStep(planAfter(6, plan), 6, { state: 'failed', startedAt: 1, detail: 'no' });
    expect(nextMove(failed, all)).toEqual({ kind: 'undo' });
    expect(withUndo(failed, all).steps.slice(10).map(words)).toEqual(['uncordon b', 'uncordon s']);
  });

  it('are done in order until the last node is removed', () => {
    for (let done = 0; done < 11; done++)
      expect(nextMove(planAfter(done), all)).toEqual({ kind: 'run', index: done });
    expect(nextMove(planAfter(11), all)).toMatchObject({ kind: 'end', state: 'succeeded' });
  });

  it('are taken back for the nodes that were cordoned and still stand, and for no other', () => {
    const failed = withStep(planAfter(6), 6, {
      state: 'failed',
      startedAt: 1,
      detail: 'a budget never allowed it',
    });
    const facts = without('uid-a');
    expect(nextMove(failed, facts)).toEqual({ kind: 'undo' });
    const undone = withUndo(failed, facts);
    expect(undone.steps.filter(step => step.kind === 'uncordon').map(words)).toEqual([
      'uncordon b',
      'uncordon c',
    ]);
    expect(nextMove(undone, facts)).toEqual({ kind: 'run', index: 11 });
    const first = withStep(undone, 11, { state: 'done', startedAt: 1 });
    const ended = nextMove(withStep(first, 12, { state: 'done', startedAt: 1 }), facts);
    expect(ended).toEqual({
      kind: 'end',
      state: 'failed',
      outcome:
        'Step drain of b failed: a budget never allowed it. Node a was drained and removed before that. Nodes b, c were uncordoned and take pods again.',
    });
  });

  it('end without an undo where nothing was begun', () => {
    expect(nextMove({ ...planOfThree(), state: 'stopping' }, all)).toEqual({
      kind: 'end',
      state: 'stopped',
      outcome: 'Stopped before any step was done. Nothing was changed.',
    });
  });

  it('drain side by side what disturbs nothing in common, and delete each node as soon as it is empty', () => {
    const both = { ...all, mayJoin: () => true };
    const draining = withStep(planAfter(4), 4, { state: 'running', startedAt: 1 });
    expect(nextMove(draining, all)).toEqual({ kind: 'wait' });
    expect(nextMove(draining, both)).toEqual({ kind: 'run', index: 6 });
    const drained = withStep(withStep(draining, 6, { state: 'done', startedAt: 1 }), 7, {});
    expect(nextMove(drained, both)).toEqual({ kind: 'run', index: 7 });
    // The next wave waits for all of this one, whatever could run beside it.
    const left = withStep(drained, 7, { state: 'done', startedAt: 1 });
    expect(nextMove(left, both)).toEqual({ kind: 'wait' });
  });

  it('let a drain beside the one that failed come to its end before anything is taken back', () => {
    const draining = withStep(planAfter(4), 4, { state: 'running', startedAt: 1 });
    const failed = withStep(draining, 6, { state: 'failed', startedAt: 1 });
    expect(nextMove(failed, all)).toEqual({ kind: 'wait' });
    expect(nextMove(withStep(failed, 4, { state: 'done' }), all)).toEqual({ kind: 'undo' });
  });

  it('end as stale where the look before a wave refuses it, and say what was removed before', () => {
    const refused = withStep(planAfter(8), 8, {
      state: 'failed',
      startedAt: 1,
      detail: 'Pod shop/x is new.',
    });
    // The inventory may tell of deleted nodes a moment longer: they are not to be uncordoned.
    for (const facts of [{ ...all, stands: (uid: string) => uid === 'uid-c' }, all]) {
      expect(nextMove(refused, facts)).toEqual({ kind: 'undo' });
      const undone = withUndo(refused, facts);
      expect(undone.steps.slice(11).map(words)).toEqual(['uncordon c']);
      expect(nextMove(withStep(undone, 11, { state: 'done', startedAt: 1 }), facts)).toEqual({
        kind: 'end',
        state: 'stale',
        outcome:
          'Wave 2 was not begun: Pod shop/x is new. Nodes a, b were drained and removed before that. Node c was uncordoned and takes pods again.',
      });
    }
  });

  it('are done for a node that went by itself, which is not called removed', () => {
    const gone = withGone(planAfter(1), ['uid-a'], 5);
    expect(nextMove(gone, without('uid-a'))).toEqual({ kind: 'run', index: 2 });
    const failed = withStep(gone, 2, { state: 'failed', startedAt: 1, detail: 'no' });
    const undone = withUndo(failed, without('uid-a'));
    const last = undone.steps.length - 1;
    const end = nextMove(withStep(undone, last, { state: 'done' }), without('uid-a'));
    expect(end).toMatchObject({ outcome: expect.stringMatching(/Node a is gone\.$/) });
  });

  it('order nodes first, and end the instance that nobody uses when a later step fails', () => {
    const [a] = planOfThree().remove;
    const steps = freshSteps([{ remove: a ? [a] : [], order: [0] }]);
    const plan = { ...planOfThree(), remove: a ? [a] : [], steps };
    expect(steps.map(({ kind }) => kind)).toEqual([
      'check',
      'add-node',
      'wait-ready',
      'check',
      'cordon',
      'drain',
      'delete-node',
    ]);
    const ordered = withStep(planAfter(2, plan), 1, { instanceId: 'i-1' });
    const failed = withStep(ordered, 2, { state: 'failed', startedAt: 1, detail: 'it never came' });
    const node = { name: 'new', uid: 'uid-new' };
    const idle = { ...all, hasPod: () => true, nodeOf: () => ({ node, isUsed: false }) };
    expect(nextMove(failed, idle)).toEqual({ kind: 'undo' });
    const undone = withUndo(failed, idle);
    expect(undone.steps.slice(7).map(words)).toEqual(['cordon new', 'terminate new']);
    const cordoned = withStep(undone, 7, { state: 'done', startedAt: 1 });
    expect(nextMove(cordoned, idle)).toEqual({ kind: 'run', index: 8 });
    const ended = withStep(cordoned, 8, { state: 'done', startedAt: 1 });
    // Its Node object is still there for a moment: a node that ends is not given back.
    expect(nextMove(ended, idle)).toEqual({
      kind: 'end',
      state: 'failed',
      outcome: 'Step wait-ready failed: it never came. Instance i-1, which came for it, is terminated.',
    });
    // Pods came while it was looked at: it is kept, and takes pods again.
    const kept = withStep(cordoned, 8, { state: 'skipped', startedAt: 1 });
    const used = { ...idle, hasPod: () => true, nodeOf: () => ({ node, isUsed: true }) };
    expect(nextMove(kept, used)).toEqual({ kind: 'undo' });
    expect(withUndo(kept, used).steps.slice(9).map(words)).toEqual(['uncordon new']);
    expect(withUndo(failed, used).steps.slice(7)).toEqual([]);
    // Without a node nothing is cordoned.
    expect(withUndo(failed, all).steps.slice(7).map(words)).toEqual(['terminate']);
  });
});

describe('a step that ends an instance', () => {
  const a = node('a');
  const b = node('b');
  const ends = new Map([
    ['uid-a', { instanceId: 'i-a' }],
    ['uid-b', { instanceId: 'i-b', group: { name: 'web', from: 5, to: 4 } }],
  ]);
  const fresh = {
    state: 'running',
    remove: [a, b],
    pods: [],
    steps: freshSteps([{ remove: [a, b], order: [], ends }]),
  } as unknown as Plan;
  const done = (plan: Plan, index: number) =>
    withStep(plan, index, { state: 'done', startedAt: 1, endedAt: 2 });

  it('comes between the drain of its node and the end of the Node object', () => {
    expect(fresh.steps.map(words)).toEqual([
      'check',
      'cordon a',
      'cordon b',
      'drain a',
      'end-instance a',
      'delete-node a',
      'drain b',
      'end-instance b',
      'delete-node b',
    ]);
    expect(fresh.steps[7]).toMatchObject({ instanceId: 'i-b', group: { name: 'web', from: 5, to: 4 } });
    for (let count = 0; count < 9; count++)
      expect(nextMove(planAfter(count, fresh), all)).toEqual({ kind: 'run', index: count });
  });

  it('waits for its own drain alone, where drains run side by side', () => {
    const draining = withStep(planAfter(3, fresh), 3, { state: 'running', startedAt: 1 });
    const both = { ...all, mayJoin: () => true };
    expect(nextMove(draining, both)).toEqual({ kind: 'run', index: 6 });
    expect(nextMove(done(draining, 6), both)).toEqual({ kind: 'run', index: 7 });
  });

  it('gives its node back when it fails', () => {
    const failed = withStep(planAfter(4, fresh), 4, { state: 'failed', startedAt: 1, detail: 'not allowed' });
    const undone = withUndo(failed, all);
    expect(undone.steps.filter(({ kind }) => kind === 'uncordon').map(words)).toEqual([
      'uncordon a',
      'uncordon b',
    ]);
  });

  it('that was done is followed by the end of its Node object although the plan stops, and is told as final', () => {
    const stopping: Plan = { ...planAfter(5, fresh), state: 'stopping' };
    expect(nextMove(stopping, all)).toEqual({ kind: 'run', index: 5 });
    const deleted = done(stopping, 5);
    expect(nextMove(deleted, all)).toEqual({ kind: 'undo' });
    const undone = withUndo(deleted, all);
    expect(undone.steps.filter(({ kind }) => kind === 'uncordon').map(words)).toEqual(['uncordon b']);
    const back = undone.steps.findIndex(({ kind }) => kind === 'uncordon');
    expect(nextMove(done(undone, back), all)).toMatchObject({
      kind: 'end',
      state: 'stopped',
      outcome: expect.stringMatching(
        /Node b was uncordoned.*Instance i-a was ended, which cannot be taken back\./,
      ),
    });
  });

  it('is done for a node that went by itself only when its instance is looked at', () => {
    const gone = withGone(planAfter(1, fresh), ['uid-a'], 5);
    expect(gone.steps[4]).toMatchObject({ kind: 'end-instance', state: 'waiting' });
    expect(gone.steps[5]).toMatchObject({ kind: 'delete-node', state: 'done' });
  });
});
