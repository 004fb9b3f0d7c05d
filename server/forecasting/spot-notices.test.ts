import { expect, it } from 'vitest';
import { MS_PER_HOUR, poolKey } from '../../common/units/index.ts';
import { NOW_MS, openForecastingWorld, pools } from './forecasting-world.fixture.ts';

it('keeps what AWS said of nodes by pool: interruptions once, the newest recommendation, of known nodes alone', async () => {
  const world = await openForecastingWorld(() => 100_000);
  try {
    const [first = '', second = ''] = pools.map(poolKey);
    const nodes = [
      { uid: 'u1', name: 'n1', pool: first },
      { uid: 'u2', name: 'n2', pool: first },
      { uid: 'u3', name: 'n3', pool: second },
    ];
    world.time.nowMs = NOW_MS;
    const { forecasting } = world;
    await forecasting.observeSpotNodes('cluster-a', nodes as never);
    const notice = (nodeName: string, hours: number, clusterId = 'cluster-a') => ({
      ...{ clusterId, nodeName },
      atMs: NOW_MS + hours * MS_PER_HOUR,
    });
    world.time.nowMs = NOW_MS + 5 * MS_PER_HOUR;
    expect(await forecasting.recordInterruptions([notice('n1', 1), notice('n1', 2)])).toBe(1);
    // A clock that is ahead counts as now.
    expect(await forecasting.recordRebalances([notice('n3', 3), notice('n3', 2), notice('n2', 9)])).toBe(3);
    expect(await forecasting.recordRebalances([notice('n9', 3), notice('n3', 3, 'cluster-b')])).toBe(0);
    const told = async (hours: number) =>
      Object.fromEntries(await forecasting.poolNotices(NOW_MS + hours * MS_PER_HOUR));
    expect(await told(0)).toEqual({
      [first]: [
        { kind: 'interruption', atMs: NOW_MS + MS_PER_HOUR },
        { kind: 'rebalance', atMs: NOW_MS + 5 * MS_PER_HOUR },
      ],
      [second]: [{ kind: 'rebalance', atMs: NOW_MS + 3 * MS_PER_HOUR }],
    });
    expect(Object.keys(await told(4))).toEqual([first]);
    expect(await told(6)).toEqual({});
  } finally {
    await world.close();
  }
});
