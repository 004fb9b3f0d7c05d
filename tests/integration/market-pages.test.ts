import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR, type Pool, poolKey } from '../../common/units/index.ts';
import { startEc2Endpoint } from '../../simulator/ec2-endpoint/index.ts';
import { openMarketOfTest } from '../support/market-of-test.ts';
import { openMarketRoom } from '../support/market-room.ts';

/** What the market pages ask for, against a real store and a real endpoint. */
const region = 'us-east-1';
const nowMs = Math.floor(Date.now() / MS_PER_DAY) * MS_PER_DAY + 12 * MS_PER_HOUR;
const scope = { regions: [region], instanceTypes: ['m5.large'], products: ['Linux/UNIX'] };

let room: Awaited<ReturnType<typeof openMarketRoom>>;
let closeEndpoint: () => Promise<void>;

beforeAll(async () => {
  const market = await openMarketOfTest(undefined);
  const endpoint = await startEc2Endpoint({ market, clock: () => nowMs, accessKeyIds: ['AKIATEST'] });
  closeEndpoint = () => endpoint.close();
  room = await openMarketRoom(endpoint.url, { clock: { now: () => nowMs } });
});
afterAll(async () => {
  await room?.close();
  await closeEndpoint?.();
});

const filled = async (request: Parameters<typeof room.market.fill>[0]) => {
  const { jobId } = await room.market.fill(request);
  for (;;) {
    const fill = await room.market.getFill(jobId);
    if (!['queued', 'running'].includes(fill.state)) return fill;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
};
const daysAgo = (days: number) => nowMs - days * MS_PER_DAY;
const cellsOfMap = async () => {
  const query = { region, product: 'Linux/UNIX', fromMs: daysAgo(29), toMs: nowMs };
  return room.market.coverageMap(query);
};

describe('the market pages', { timeout: 60_000 }, () => {
  it('see the days between two fills as never asked for, until a fill of just these days', async () => {
    expect((await room.market.poolTable()).region).toEqual([]);
    const first = await filled({ scope, fromMs: daysAgo(20), toMs: daysAgo(15) });
    expect(first).toMatchObject({ state: 'succeeded', scope, toMs: daysAgo(15) });
    await filled({ scope, fromMs: daysAgo(10), toMs: nowMs });
    const before = await cellsOfMap();
    expect(before.cells).toEqual(Array(3).fill('9n1p4h1p4n1p10h'));
    const gap = await room.market.analyzeGap({ scope, fromMs: daysAgo(16), toMs: daysAgo(9) });
    expect(gap.fillableMs).toBe(5 * MS_PER_DAY);

    await filled({ scope, fromMs: daysAgo(16), toMs: daysAgo(9) });
    expect((await cellsOfMap()).cells).toEqual(Array(3).fill('9n1p20h'));
  });

  it('show each pool with its price, what it was, its list price and its advice', async () => {
    const table = await room.market.poolTable();
    expect(table.region).toHaveLength(3);
    expect(table.types).toEqual([{ instanceType: 'm5.large', vcpu: 2, memoryMib: 8_192, arch: 'amd64' }]);
    expect(table.state).toEqual([0, 0, 0]);
    const zone = table.zones[table.zone[0] ?? 0] ?? '';
    const pool: Pool = { region, availabilityZone: zone, instanceType: 'm5.large', product: 'Linux/UNIX' };
    const newestMs = Math.max(...table.lastAtMs);
    const [now, dayAgo] = await Promise.all([
      room.market.prices.lastPrice(pool, newestMs),
      room.market.prices.lastPrice(pool, newestMs - MS_PER_DAY),
    ]);
    expect(table.lastPrice[0]).toBe(now?.priceMicroUsdPerHour);
    expect(table.dayAgo[0]).toBe(dayAgo?.priceMicroUsdPerHour);
    expect(table.effective[0]).toBe(table.onDemand[0]);
    expect(table.onDemand[0]).toBeGreaterThan(table.lastPrice[0] ?? 0);
  });

  it('give the steps of many pools as the records have them', async () => {
    const table = await room.market.poolTable();
    const pools = table.zone.map(place => `${region}/${table.zones[place]}/m5.large/Linux/UNIX`);
    const window = { fromMs: daysAgo(8), toMs: nowMs };
    const { steps, records } = await room.market.histories({ pools, ...window, buckets: 100 });
    const [first] = steps;
    const { points, holes } = await room.market.history(pools[0] ?? '', window.fromMs, window.toMs);
    const changes = points.filter(
      ({ priceMicroUsdPerHour }, index) => priceMicroUsdPerHour !== points[index - 1]?.priceMicroUsdPerHour,
    );
    let atS = 0;
    const times = first?.atS.map(step => {
      atS += step;
      return atS * 1_000;
    });
    expect(times).toEqual(changes.map(({ atMs }) => atMs));
    expect(first?.price).toEqual(changes.map(({ priceMicroUsdPerHour }) => priceMicroUsdPerHour));
    expect([first?.holes, holes]).toEqual([[], []]);
    expect(first?.records).toBe(points.length);
    expect(records).toBeGreaterThan(points.length);
    await expect(room.market.histories({ pools: ['nothing'], ...window, buckets: 100 })).rejects.toThrow(
      '"nothing" is no pool',
    );
  });

  it('see a hole in time on disk, which only a fill that asks again can close', async () => {
    const key = { region, availabilityZone: 'us-east-1a', instanceType: 'm5.large', product: 'Linux/UNIX' };
    // The pool loses two days of its records, as a damaged source would.
    const { points } = await room.market.history(poolKey(key), daysAgo(8), daysAgo(4));
    const lost = points.filter(({ atMs }) => atMs >= daysAgo(8) && atMs < daysAgo(4));
    expect(lost.length).toBeGreaterThan(3);
    await room.database.write(transaction =>
      sql`delete from spot_prices where price_micro_usd > 0 and key in (
      select key from spot_prices join pools on pools.id = (key / 32768) % 1048576
      where availability_zone = 'us-east-1a'
        and (key / 34359738368) * 32768 + key % 32768 >= ${lost[0]?.atMs ?? 0} / 1000
        and (key / 34359738368) * 32768 + key % 32768 <= ${lost.at(-1)?.atMs ?? 0} / 1000
    )`.execute(transaction),
    );
    expect((await cellsOfMap()).cells[0]).toMatch(/o/);
    const range = { scope, fromMs: daysAgo(9), toMs: daysAgo(3) };
    expect((await room.market.analyzeGap(range)).fillableMs).toBe(0);
    expect(await room.market.analyzeGap({ ...range, again: true })).toMatchObject({
      fillableMs: 6 * MS_PER_DAY,
      holesTotal: 1,
    });
    const again = await filled({ ...range, again: true });
    expect(again.newRows).toBe(lost.length);
    expect((await cellsOfMap()).cells[0]).not.toMatch(/o/);
  });

  it('are told whether EC2 lets the engine in', async () => {
    expect(await room.market.ec2Access(region)).toMatchObject({ state: 'ready', hint: null });
    const stranger = await openMarketRoom((await room.market.ec2Access(region)).endpoint ?? '', {
      ec2: {
        endpoint: (await room.market.ec2Access(region)).endpoint ?? '',
        credentials: { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' },
      },
    });
    try {
      expect(await stranger.market.ec2Access(region)).toMatchObject({ state: 'refused' });
    } finally {
      await stranger.close();
    }
  });

  it('change what a collection collects, but to nothing that is collected already', async () => {
    const { collections } = room.market;
    const one = await collections.add({ scope });
    const other = await collections.add({ models: true });
    await expect(collections.change(one.id, { models: true })).rejects.toThrow('collected already');
    const wider = { ...scope, instanceTypes: ['c5.large', 'm5.large'] };
    expect(await collections.change(one.id, { scope: wider })).toMatchObject({ id: one.id, scope: wider });
    for (const { id } of [one, other]) await collections.remove(id);
  });
});
