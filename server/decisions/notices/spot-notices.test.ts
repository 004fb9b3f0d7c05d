import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY_SCOPE } from '../../../common/contracts/index.ts';
import { MS_PER_MINUTE, MS_PER_SECOND } from '../../../common/units/index.ts';
import { ann, DecisionRoom } from '../decision-room.fixture.ts';

const START_MS = Date.UTC(2026, 10, 27, 12);

let room: DecisionRoom;
beforeEach(async () => {
  room = await DecisionRoom.open(START_MS);
  room.cluster.changeNodes(nodes =>
    nodes.map(node => (node.name === 'a' ? { ...node, capacityType: 'spot' } : node)),
  );
});
afterEach(() => room.close());

const notice = (nodeName = 'a', lateMs = 0) => ({ clusterId: 'c1', nodeName, atMs: room.nowMs - lateMs });
let revision = 0;
beforeEach(() => {
  revision = 0;
});
const save = async (document: object) => {
  await room.decisions.policies.save(
    DEFAULT_POLICY_SCOPE,
    { document: { spotInterruptions: 'drain', ...document } },
    revision++,
    ann,
  );
};
const told = () => room.cluster.events.join('\n');

describe('a notice that AWS takes a Spot node away', () => {
  it('is only told where the policy does not say more', async () => {
    await room.decisions.answerNotice(notice());
    expect(room.kinds()).toEqual([]);
    expect(room.cluster.events).toEqual([]);
  });

  it('has the node cordoned, and drained until fifteen seconds before the end, in the name of the policy', async () => {
    await save({});
    await room.decisions.answerNotice(notice('a', 10 * MS_PER_SECOND));
    expect(room.cluster.tasks.map(({ action }) => action)).toEqual([
      { kind: 'cordon', node: { name: 'a', uid: expect.any(String) } },
      { kind: 'drain', node: { name: 'a', uid: expect.any(String) }, deleteLocalStorage: true },
    ]);
    expect(room.cluster.orders).toEqual(
      Array(2).fill({ deadlineMs: 95 * MS_PER_SECOND, dryRun: false, actor: 'policy 1 for all clusters' }),
    );
    expect(told()).toBe(
      'Node//a: AWS takes it away: cordon and drain were ordered by policy 1 for all clusters.',
    );
  });

  it('is answered once for a node, however often it comes and after a restart, and again for the next node of that name', async () => {
    await save({});
    await Promise.all(
      [notice(), notice('a', 30_000), notice()].map(each => room.decisions.answerNotice(each)),
    );
    const again = await room.another();
    await again.answerNotice(notice());
    expect(room.kinds()).toEqual(['cordon', 'drain']);
    room.cluster.changeNodes(nodes =>
      nodes.map(node => (node.name === 'a' ? { ...node, uid: 'another' } : node)),
    );
    await again.answerNotice(notice());
    expect(room.kinds()).toEqual(['cordon', 'drain', 'cordon', 'drain']);
    await again.stop();
  });

  it('is answered outside windows, and neither with the kill switch on nor in a freeze', async () => {
    await save({
      windows: {
        allow: [{ name: 'never', zone: 'UTC', dates: [{ first: '2027-06-01', last: '2027-06-01' }] }],
      },
    });
    await room.decisions.answerNotice(notice());
    expect(room.kinds()).toEqual(['cordon', 'drain']);
    const freeze = { until: new Date(START_MS + MS_PER_MINUTE).toISOString(), reason: 'release' };
    await save({ freeze });
    for (const name of ['b', 'c'])
      room.cluster.changeNodes(nodes =>
        nodes.map(node => (node.name === name ? { ...node, capacityType: 'spot' } : node)),
      );
    await room.decisions.answerNotice(notice('b'));
    await save({});
    await room.decisions.policies.setKillSwitch(DEFAULT_POLICY_SCOPE, true, 'calm', ann);
    await room.decisions.answerNotice(notice('c'));
    expect(room.kinds()).toHaveLength(2);
    expect(told()).toMatch(/Node\/\/b: Not drained by CloudOptim: Frozen until .*: release\./);
    expect(told()).toMatch(/Node\/\/c: Not drained by CloudOptim: The kill switch .* is on/);
  });

  it('is not answered when it comes too late, for nodes of Karpenter, on-demand ones and such as are not there', async () => {
    await save({});
    room.cluster.changeNodes(nodes =>
      nodes.map(node =>
        node.name === 'b'
          ? {
              ...node,
              capacityType: 'spot',
              owner: { kind: 'karpenter', name: 'batch', evidence: 'its label' },
            }
          : node,
      ),
    );
    await room.decisions.answerNotice(notice('a', 101 * MS_PER_SECOND));
    await room.decisions.answerNotice(notice('b'));
    await room.decisions.answerNotice(notice('c'));
    await room.decisions.answerNotice(notice('nowhere'));
    expect(room.kinds()).toEqual([]);
    expect(room.cluster.events).toEqual([
      'Node//a: Not drained by CloudOptim: the notice came 101 s after AWS gave it, of the 120 s until the end.',
      'Node//b: Not drained by CloudOptim: Karpenter drains its nodes itself.',
      'Node//c: Not drained by CloudOptim: the cluster calls it on-demand, which AWS does not interrupt.',
    ]);
  });

  it('gives the node back that AWS did not take, once', async () => {
    await save({});
    await room.decisions.answerNotice(notice());
    room.cluster.work();
    room.cluster.work();
    const { lookAfterNotices } = room.decisions;
    room.nowMs += 14 * MS_PER_MINUTE;
    await lookAfterNotices();
    expect(room.kinds()).toHaveLength(2);
    room.nowMs += MS_PER_MINUTE;
    await lookAfterNotices();
    room.cluster.work();
    await lookAfterNotices();
    expect(room.kinds()).toEqual(['cordon', 'drain', 'uncordon']);
    expect(told()).toContain('Node//a: AWS did not take it within 15 minutes: it is uncordoned again.');
  });

  it('goes on when the agent was away for a moment', async () => {
    await save({});
    room.cluster.isAway = true;
    await room.decisions.answerNotice(notice());
    expect(room.kinds()).toEqual([]);
    room.cluster.isAway = false;
    await room.decisions.lookAfterNotices();
    await room.decisions.lookAfterNotices();
    expect(room.kinds()).toEqual(['cordon', 'drain']);
    expect(told()).not.toContain('Not drained');
  });

  it('is told once as not answered when the agent was away until it was too late', async () => {
    await save({});
    room.cluster.isAway = true;
    await room.decisions.answerNotice(notice());
    await room.decisions.lookAfterNotices();
    room.nowMs += 101 * MS_PER_SECOND;
    room.cluster.isAway = false;
    await room.decisions.lookAfterNotices();
    await room.decisions.lookAfterNotices();
    expect(room.kinds()).toEqual([]);
    expect(room.cluster.events).toEqual(['Node//a: Not drained by CloudOptim: its agent was away.']);
  });
});
