import { afterEach, describe, expect, inject, it } from 'vitest';
import { peers } from '../../common/contracts/peers.ts';

import type { CoveredStretch, PricePage } from '../market/index.ts';
import { type Fate, Network } from './testing/faulty-link.ts';
import { openTestEngine, type TestEngine } from './testing/test-engine.ts';

/** Rules are the same on each database; the queries run in the first test. */
const onPostgres = inject('postgresUrl') !== null;
const HOUR = 3_600_000;
const BEGIN = Date.UTC(2026, 10, 20);
const opened: TestEngine[] = [];
const open = async (...about: Parameters<typeof openTestEngine>): Promise<TestEngine> => {
  const engine = await openTestEngine(...about);
  opened.push(engine);
  return engine;
};
// At once, so that the next test may have their databases.
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.close();
});

const stretch = (fromHour: number, toHour: number, ...instanceTypes: string[]): CoveredStretch => ({
  region: 'us-east-1',
  product: 'Linux/UNIX',
  instanceTypes,
  fromMs: BEGIN + fromHour * HOUR,
  toMs: BEGIN + toHour * HOUR,
});
/** A record of two pools each hour, at prices that follow from the hour. */
function pageOf({ fromMs, toMs }: CoveredStretch, types = ['m5.large', 'c5.large']): PricePage {
  const page = {
    pools: types.map((type): [string, string] => ['us-east-1a', type]),
    poolOf: [] as number[],
    atS: [] as number[],
    priceMicroUsdPerHour: [] as number[],
  };
  for (let at = fromMs; at < toMs; at += HOUR)
    for (const place of types.keys()) {
      page.poolOf.push(place);
      page.atS.push(at / 1_000);
      page.priceMicroUsdPerHour.push(10_000 + ((at / HOUR) % 1_000) + place);
    }
  return page;
}
const fill = (engine: TestEngine, one: CoveredStretch) => engine.exchange.take(one, pageOf(one));
const held = async ({ exchange }: TestEngine) => {
  const { pools, poolOf, atS, priceMicroUsdPerHour } = await exchange.read(stretch(-1, 500));
  return poolOf.map((place, n) => `${pools[place]?.join()} ${atS[n]} ${priceMicroUsdPerHour[n]}`).sort();
};

describe('prices', () => {
  it('are the same on both sides after syncs that broke off at every step, and come with what they vouch for', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    const network = new Network();
    await laptop.connect(server, network);
    await fill(server, stretch(0, 60));
    await fill(laptop, stretch(40, 100));
    for (const fate of ['lost', 'answer-lost', 'twice', 'late'] satisfies Fate[])
      for (let step = 0; step < 12; step++) {
        const at = network.calls + step;
        network.fateOf = call => (call === at ? fate : 'arrives');
        await laptop.sync().catch(() => undefined);
        // In between, what is said to be covered is wholly there.
        for (const engine of [laptop, server])
          for (const one of await engine.exchange.covered()) {
            const page = await engine.exchange.read(one);
            expect(page.atS).toHaveLength(2 * ((one.toMs - one.fromMs) / HOUR));
          }
      }
    network.fateOf = () => 'arrives';
    await network.arriveLate();
    await laptop.sync();
    expect(await laptop.exchange.covered()).toEqual([stretch(0, 100)]);
    expect(await server.exchange.covered()).toEqual([stretch(0, 100)]);
    expect(await held(laptop)).toEqual(await held(server));
    expect(await held(laptop)).toHaveLength(200);
    // Nothing is asked for twice: hello, policies, two cursors, models, stretches.
    const before = network.calls;
    await laptop.sync();
    expect(network.calls - before).toBe(6);
  });

  it.skipIf(onPostgres)('of some types vouch for these alone', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    await laptop.connect(server, new Network());
    const some = stretch(0, 10, 'm5.large');
    await server.exchange.take(some, pageOf(some, ['m5.large']));
    await fill(laptop, stretch(4, 6));
    await laptop.sync();
    expect(await laptop.exchange.covered()).toEqual([
      stretch(4, 6),
      stretch(0, 4, 'm5.large'),
      stretch(6, 10, 'm5.large'),
    ]);
  });

  it.skipIf(onPostgres)('that two claims vouch for are fetched once', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    const network = new Network();
    await laptop.connect(server, network);
    const some = stretch(0, 12, 'm5.large');
    await fill(server, stretch(0, 12));
    await server.exchange.take(some, pageOf(some, ['m5.large']));
    await laptop.sync();
    // hello, policies, two cursors, models, stretches, and one slice.
    expect(network.calls).toBe(7);
  });

  it.skipIf(onPostgres)('of a time that one clock has not reached wait for it', async () => {
    const server = await open('server');
    const laptop = await open('laptop', HOUR);
    await laptop.connect(server, new Network());
    const untilMs = Math.floor(laptop.clock.ms / 1_000) * 1_000;
    const ahead = { ...stretch(0, 0), fromMs: untilMs - 2 * HOUR, toMs: untilMs };
    await fill(laptop, ahead);
    await laptop.sync();
    const [there] = await server.exchange.covered();
    expect(there?.toMs).toBeLessThanOrEqual(server.clock.ms);
    expect(there?.fromMs).toBe(ahead.fromMs);
  });

  it.skipIf(onPostgres)('that cannot be right are refused', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    await laptop.connect(server, new Network());
    const bring = (one: CoveredStretch, page: PricePage) =>
      laptop.link().call(peers.addPrices, {
        body: JSON.parse(JSON.stringify({ stretch: one, page, isLast: true })) as never,
      });
    const one = stretch(0, 2);
    const page = pageOf(one);
    await expect(bring(one, { ...page, poolOf: [7, ...page.poolOf.slice(1)] })).rejects.toThrow(
      /cannot be right/,
    );
    await expect(bring(one, { ...page, atS: page.atS.slice(1) })).rejects.toThrow(/cannot be right/);
    await expect(bring(stretch(0, 2, 'r5.large'), page)).rejects.toThrow(/cannot be right/);
    await expect(bring(stretch(0, 48), page)).rejects.toThrow(/2 days is too long/);
    expect(await server.exchange.covered()).toEqual([]);
    await bring(one, page);
    expect(await server.exchange.covered()).toEqual([one]);
  });
});
