import { beforeEach, describe, expect, it } from 'vitest';
import type { Plan, PlanResize, PlanStep } from '../../../common/contracts/index.ts';
import { nodeAt, stateOf } from '../small-cluster.fixture.ts';
import { sizedPod, webProposal } from './sizing-proposal.fixture.ts';
import { type PodMeasures, type WatchLook, watchResize } from './watch-resize.ts';

/** The watch over one pod with a limit of 400 m, look by look: what counts, and for how long. */
const WATCH_MS = 600_000;
const STARTED_MS = 1_000_000;
const BURST = 399;
const CALM = 100;

let atLimit: Map<string, { count: number; at: number }>;
let lookMs: number;
beforeEach(() => {
  atLimit = new Map();
  lookMs = STARTED_MS;
});

const { now, recommended } = webProposal();
const resize = {
  workload: { key: 'Deployment/shop/web', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'd' },
  replicas: 1,
  containers: [{ name: 'app', now, after: recommended }],
} as unknown as PlanResize;
const steps = [
  {
    kind: 'resize-pod',
    index: 0,
    startedAt: STARTED_MS,
    pod: { namespace: 'shop', name: 'web-1', uid: 'uid-web-1' },
  },
  { kind: 'watch', index: 1, startedAt: STARTED_MS },
] as unknown as readonly [PlanStep, PlanStep];
const plan = { resize, steps } as unknown as Plan & { readonly resize: PlanResize };
const observed = stateOf([nodeAt('a')], [sizedPod('a', 'web-1')]);

function lookAt(nowMs: number, measures: PodMeasures = new Map()): WatchLook {
  const policy = { resizeWatchMs: WATCH_MS, rolloutMs: WATCH_MS };
  return watchResize(plan, steps[1], observed, measures, atLimit, policy, nowMs);
}

/** One look at each measure, a second apart unless the measure is an old one. */
function lookAtMeasures(...used: readonly number[]): WatchLook['state'][] {
  return used.map(cpuMilli => {
    lookMs += 1_000;
    return lookAt(lookMs, measureOf(cpuMilli, lookMs)).state;
  });
}

function measureOf(cpuMilli: number, at: number): PodMeasures {
  return new Map([['shop/web-1', { at, containers: [{ name: 'app', used: { cpuMilli } }] }]]);
}

describe('throttling', () => {
  it('is what three measures in a row at the limit are, and no fewer', () => {
    expect(lookAtMeasures(BURST, BURST, BURST)).toEqual(['waits', 'waits', 'failed']);
  });

  it('begins to be counted anew after a measure below the limit', () => {
    expect(lookAtMeasures(BURST, BURST, CALM, BURST, BURST)).toEqual(Array(5).fill('waits'));
    expect(lookAtMeasures(BURST)).toEqual(['failed']);
  });

  it('counts a measure once however often it is looked at, and none from before the new sizes', () => {
    const once = measureOf(BURST, STARTED_MS + 1_000);
    for (const nowMs of [1_000, 3_000, 5_000, 7_000])
      expect(lookAt(STARTED_MS + nowMs, once).state).toBe('waits');
    for (const at of [1, 2, 3]) expect(lookAt(STARTED_MS, measureOf(BURST, at)).state).toBe('waits');
    expect(atLimit.get('uid-web-1/app')).toEqual({ count: 1, at: STARTED_MS + 1_000 });
  });

  it('begins at 95 % of the limit', () => {
    expect(lookAtMeasures(379, 379, 379, 379)).toEqual(Array(4).fill('waits'));
    expect(lookAtMeasures(380, 380, 380)).toEqual(['waits', 'waits', 'failed']);
  });
});

describe('the watch', () => {
  it('lasts as long as the policy says, to the millisecond', () => {
    expect(lookAt(STARTED_MS + WATCH_MS / 2).state).toBe('waits');
    expect(lookAt(STARTED_MS + WATCH_MS - 1).state).toBe('waits');
    expect(lookAt(STARTED_MS + WATCH_MS).state).toBe('done');
  });

  it('fails at once where the pod is gone', () => {
    const policy = { resizeWatchMs: WATCH_MS, rolloutMs: WATCH_MS };
    const empty = stateOf([nodeAt('a')], []);
    expect(watchResize(plan, steps[1], empty, new Map(), atLimit, policy, STARTED_MS)).toEqual({
      state: 'failed',
      detail: 'Pod shop/web-1 is gone.',
    });
  });
});
