import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../common/contracts/index.ts';
import { ann, DecisionRoom, tellingPlaces, until } from './decision-room.fixture.ts';
import { webProposal } from './resizing/sizing-proposal.fixture.ts';
import { GIB, nodeAt, podOn, stateOf } from './small-cluster.fixture.ts';

/** Plans that only hold once others of their run are done. */
const ENGINE = 'rightsizing-then-packing-then-spot';
const WATCH_MS = 10 * 60_000;
/** Two such pods need a node each; with 1,000 m they share one. */
const now = {
  cpuRequestMilli: 3_000,
  memoryRequestBytes: GIB,
  cpuLimitMilli: null,
  memoryLimitBytes: null,
};
let room: DecisionRoom;

beforeEach(async () => {
  room = await DecisionRoom.open();
  const pods = [podOf('a', 'web-1'), podOf('b', 'web-2')];
  room.cluster.observed = tellingPlaces(stateOf([nodeAt('a'), nodeAt('b')], pods));
  room.sizes = [webProposal({ now, recommended: { ...now, cpuRequestMilli: 1_000 } })];
  await room.decisions.trigger('c1', ann, ENGINE);
});
afterEach(() => room.close());

function podOf(nodeName: string, name: string): ReturnType<typeof podOn> {
  const requests = { cpuMilli: 3_000, memoryBytes: GIB };
  const containers = [{ name: 'app', requests, limits: {}, startedAt: 0 }];
  return podOn(nodeName, name, { requests, containers });
}

/** The resize that the run proposes, and a move of a node that needs the room it makes. */
async function bothPlans(): Promise<{ resize: Plan; move: Plan }> {
  const plans = await room.decisions.plans();
  const resize = plans.find(plan => plan.resize !== undefined);
  const move = plans.find(({ dependsOn = [] }) => resize !== undefined && dependsOn.includes(resize.id));
  if (!resize || !move) throw new Error('the run proposes no move that depends on a resize');
  return { resize, move };
}

/** The executor has looked at the plans: it says of one what it waits for. */
const waits = (id: string) =>
  until(async () => {
    const detail = (await room.decisions.get(id)).steps[0]?.detail;
    return detail?.startsWith('Waits: ') && detail;
  });

describe('a plan that needs the room a resize makes', () => {
  it('may be approved early, waits for the resize, and starts when that is done', async () => {
    const { resize, move } = await bothPlans();
    expect((await room.decisions.approve(move.id, ann)).state).toBe('approved');
    expect(await waits(move.id)).toBe(`Waits: "${resize.title}" comes first.`);
    expect((await room.decisions.get(move.id)).state).toBe('approved');
    expect(room.kinds()).toEqual([]);

    await room.decisions.approve(resize.id, ann);
    await room.waitingTask('resize-pod');
    room.cluster.work();
    await until(async () => (await room.decisions.get(resize.id)).steps[2]?.state === 'running');
    room.nowMs += WATCH_MS;
    await room.decisions.start();
    await room.waitingTask('resize-workload');
    expect((await room.decisions.get(move.id)).state).toBe('approved');
    room.cluster.work();
    await until(async () => (await room.decisions.get(resize.id)).steps[5]?.state === 'running');
    room.nowMs += WATCH_MS;
    await room.decisions.start();
    await room.inState(resize.id, 'succeeded');
    await room.waitingTask('cordon');
    expect((await room.decisions.get(move.id)).state).toBe('running');
    expect(room.kinds()).toEqual(['resize-pod', 'resize-workload', 'cordon']);
  });

  it('waits no longer for a resize that was rejected: it is held against the cluster as it is', async () => {
    const { resize, move } = await bothPlans();
    await room.decisions.approve(move.id, ann);
    await waits(move.id);
    await room.decisions.reject(resize.id, ann);
    await room.decisions.start();
    expect((await room.inState(move.id, 'stale')).outcome).toMatch(/web-1 of node a would find no place now/);
    expect(room.kinds()).toEqual([]);
  });
});
