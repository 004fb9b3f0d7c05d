import { afterEach, describe, expect, it } from 'vitest';
import type { Collection } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../common/units/index.ts';
import type { MarketParts } from '../../server/market/index.ts';
import { type Ec2EndpointOptions, startEc2Endpoint } from '../../simulator/ec2-endpoint/index.ts';
import { openMarketOfTest } from '../support/market-of-test.ts';
import { openMarketRoom } from '../support/market-room.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of closing.splice(0).reverse()) await step();
});

const scope = { regions: ['us-east-1'], instanceTypes: ['m5.large', 'c5.large'], products: ['Linux/UNIX'] };

/** A room and an endpoint whose clock is moved by hand. */
async function openWorld(options: Partial<Ec2EndpointOptions> = {}, parts: Partial<MarketParts> = {}) {
  const start = Date.now();
  let movedMs = 0;
  const now = () => start + movedMs;
  const endpoint = await startEc2Endpoint({
    market: await openMarketOfTest(undefined),
    clock: now,
    ...options,
  });
  closing.push(() => endpoint.close());
  const room = await openMarketRoom(endpoint.url, { clock: { now }, ...parts });
  closing.push(room.close);
  const { collections } = room.market;
  /** The collection once a run has ended at this moment. */
  const settled = async (id: string): Promise<Collection> => {
    for (;;) {
      const one = (await collections.list()).collections.find(collection => collection.id === id);
      if (one?.lastRunAt === now()) return one;
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  };
  const move = (ms: number) => {
    movedMs += ms;
    // The minute's look, at once: an addition looks at everything that is due.
    return collections.add({ scope: { ...scope, instanceTypes: ['m5.large'] } });
  };
  return { ...room, collections, endpoint, now, move, settled };
}

describe('a collection', { timeout: 60_000 }, () => {
  it('asks nothing of AWS until somebody adds one', async () => {
    const { endpoint, collections } = await openWorld({}, { scopesOfModels: async () => [scope] });
    expect(await collections.list()).toEqual({ collections: [], retentionDays: 0 });
    expect(endpoint.requests()).toBe(0);
  });

  it('keeps history from then on, hour by hour, and catches up after hours off', async () => {
    const { market, collections, endpoint, now, move, settled } = await openWorld();
    const added = await collections.add({ scope });
    expect((await collections.add({ scope: { ...scope, instanceTypes: ['c5.large', 'm5.large'] } })).id).toBe(
      added.id,
    );
    const first = await settled(added.id);
    expect(first).toMatchObject({ failures: 0, message: null, nextRunAt: now() + MS_PER_HOUR });
    expect(first.newRows).toBeGreaterThan(5);

    const before = endpoint.requests();
    await move(MS_PER_HOUR);
    await settled(added.id);
    // The prices in force an hour ago are on disk, so that a page tells it all.
    expect(endpoint.requests() - before).toBeLessThanOrEqual(3);

    await move(5 * MS_PER_DAY);
    await settled(added.id);
    expect(await market.coverage.share(scope, added.addedAt, now() - 1_000)).toBe(1);
    expect((await market.analyzeGap({ scope, fromMs: added.addedAt })).fillableMs).toBeLessThan(2_000);
    // One line for each collection, however often it ran.
    const fills = (await market.listFills()).filter(({ collectionId }) => collectionId === added.id);
    expect(fills).toHaveLength(1);
  });

  it('follows the scopes of models, and tells dashboards', async () => {
    const { collections, live, settled } = await openWorld({}, { scopesOfModels: async () => [scope] });
    const told: Collection[] = [];
    const watcher = live.connect(async batch => {
      for (const { changes } of batch) for (const { value } of changes) told.push(value as Collection);
    });
    await live.subscribe(watcher, { topic: 'collections' });
    const added = await collections.add({ models: true });
    expect((await settled(added.id)).newRows).toBeGreaterThan(5);
    await new Promise(resolve => setTimeout(resolve, 50));
    watcher.close();
    expect(told.at(-1)).toMatchObject({ id: added.id, scope: null, failures: 0 });
    await expect(collections.add({})).rejects.toMatchObject({ code: 'input.invalid' });
  });

  it('says why it failed and waits longer each time; a pause stops it and a removal forgets it', async () => {
    const { collections, endpoint, now, move, settled } = await openWorld({ accessKeyIds: ['AKIAOTHER'] });
    const { id } = await collections.add({ scope });
    const failed = await settled(id);
    expect(failed).toMatchObject({ failures: 1, nextRunAt: now() + 5 * MS_PER_MINUTE });
    expect(failed.message).toContain('AWS refused the credentials');
    await move(5 * MS_PER_MINUTE);
    expect(await settled(id)).toMatchObject({ failures: 2, nextRunAt: now() + 10 * MS_PER_MINUTE });

    const all = (await collections.list()).collections;
    for (const one of all) await collections.setPaused(one.id, true);
    expect((await collections.setPaused(id, true)).nextRunAt).toBeNull();
    await new Promise(resolve => setTimeout(resolve, 200));
    const before = endpoint.requests();
    await move(MS_PER_DAY);
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(endpoint.requests()).toBe(before);
    await collections.remove(id);
    await expect(collections.setPaused(id, false)).rejects.toMatchObject({ code: 'resource.not-found' });
  });

  it('drops what is older than the retention, and its coverage a day further', async () => {
    const { market, collections, now, settled } = await openWorld({}, { retentionDays: 10 });
    const fill = await market.fill({ scope, fromMs: now() - 60 * MS_PER_DAY });
    while ((await market.getFill(fill.jobId)).state !== 'succeeded')
      await new Promise(resolve => setTimeout(resolve, 20));
    const held = await market.coverage.countRecords();
    const shown = await market.listPools({ product: 'Linux/UNIX', limit: 100 });
    expect(shown.pools.reduce((sum, pool) => sum + pool.records, 0)).toBe(held);

    const { id } = await collections.add({ scope });
    await settled(id);
    while ((await market.coverage.share(scope, now() - 20 * MS_PER_DAY, now() - 11 * MS_PER_DAY)) > 0)
      await new Promise(resolve => setTimeout(resolve, 20));
    for (const deadline = Date.now() + 5_000; Date.now() < deadline; ) {
      const [oldest] = await market.prices.series(await market.prices.pools(scope), 0, now());
      if ((oldest?.atMs[0] ?? 0) >= now() - 10.5 * MS_PER_DAY) break;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    const kept = await market.prices.series(await market.prices.pools(scope), 0, now());
    const rows = kept.reduce((sum, { atMs }) => sum + atMs.length, 0);
    expect(kept.every(({ atMs }) => (atMs[0] ?? 0) >= now() - 10.5 * MS_PER_DAY)).toBe(true);
    // What is covered begins when every pool has said its price once more: 15 to 25 hours later, as stretches of nine hours fall.
    expect(await market.coverage.share(scope, now() - 8.9 * MS_PER_DAY, now() - 1_000)).toBe(1);
    expect(await market.coverage.share(scope, now() - 10 * MS_PER_DAY, now() - 9.4 * MS_PER_DAY)).toBe(0);
    expect(await market.coverage.countRecords()).toBe(rows);
    const after = await market.listPools({ product: 'Linux/UNIX', limit: 100 });
    expect(after.pools.reduce((sum, pool) => sum + pool.records, 0)).toBe(rows);
    expect(rows).toBeLessThan(held / 2);
  });
});
