import { describe, expect, it } from 'vitest';
import { endOrders, endReasons, type NodeEnd } from './node-end.ts';

const nodes = ['a', 'b', 'c'].map(uid => ({ uid, name: `node-${uid}`, priceMicroUsdPerHour: 192_000 }));
const group = { name: 'web', desired: 5, min: 0, isBalancing: true };
const inGroup = (instanceId: string): NodeEnd => ({ by: 'engine', instanceId, group });

describe('the ends of a plan', () => {
  it('shrink a group one by one, in the order in which nodes go', () => {
    const ends = new Map<string, NodeEnd>([
      ['a', inGroup('i-a')],
      ['b', { by: 'engine', instanceId: 'i-b', group: null }],
      ['c', inGroup('i-c')],
    ]);
    expect([...endOrders(nodes.toReversed(), ends)]).toEqual([
      ['c', { instanceId: 'i-c', group: { name: 'web', from: 5, to: 4 } }],
      ['b', { instanceId: 'i-b' }],
      ['a', { instanceId: 'i-a', group: { name: 'web', from: 4, to: 3 } }],
    ]);
  });

  it('are no steps for what an owner ends, or nobody', () => {
    const ends = new Map<string, NodeEnd>([
      ['a', { by: 'owner' }],
      ['b', { by: 'nobody', reason: 'Why not.' }],
    ]);
    expect(endOrders(nodes, ends).size).toBe(0);
  });

  it('say what goes on costing and why, and each group that may move others once', () => {
    const ends = new Map<string, NodeEnd>([
      ['a', { by: 'nobody', reason: 'Why not.' }],
      ['b', inGroup('i-b')],
      ['c', inGroup('i-c')],
    ]);
    const reasons = endReasons(nodes, ends);
    expect(reasons.map(({ code }) => code)).toEqual(['instance-stays', 'group-balances-zones']);
    expect(reasons[0]?.text).toBe(
      'The instance of node node-a goes on costing $0.1920/h until somebody ends it, and is not counted as saved until then. Why not.',
    );
    expect(
      endReasons(
        nodes,
        new Map([['b', { ...inGroup('i-b'), group: { ...group, isBalancing: false } } as NodeEnd]]),
      ),
    ).toEqual([]);
  });
});
