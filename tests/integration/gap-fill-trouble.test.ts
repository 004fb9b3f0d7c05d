import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { FillProgress } from '../../common/contracts/index.ts';
import { MS_PER_DAY } from '../../common/units/index.ts';
import { createMarket, type Market, marketMigrations } from '../../server/market/index.ts';
import { createLog, JobQueue, jobMigrations, LiveHub, openSqlite } from '../../server/platform/index.ts';
import { type Ec2EndpointOptions, startEc2Endpoint } from '../../simulator/ec2-endpoint/index.ts';
import { openMarketOfTest } from '../support/market-of-test.ts';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const step of closing.splice(0).reverse()) await step();
});

const scope = { regions: ['us-east-1'], instanceTypes: [], products: ['Linux/UNIX'] };

/** A market room on a database of its own, with what its fills tell to listeners and to dashboards. */
async function openRoom(endpoint: string) {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-trouble-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const clock = { now: () => Date.now() };
  const database = await openSqlite(folder, { ...jobMigrations, ...marketMigrations });
  closing.push(() => database.close());
  const log = createLog('silent');
  const jobs = new JobQueue(database, clock, log);
  const live = new LiveHub();
  const market = await createMarket({
    database,
    jobs,
    live,
    clock,
    log,
    catalogFile: join(import.meta.dirname, '../../resources/catalog/instance-types.json'),
    importsFolder: join(folder, 'imports'),
    ec2: { endpoint, credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' } },
    needOfModel: async () => undefined,
  });
  await market.start();
  await jobs.start();
  closing.push(async () => {
    await jobs.stop();
    await market.stop();
  });
  return { market, live };
}

async function serve(options: Partial<Ec2EndpointOptions>) {
  const endpoint = await startEc2Endpoint({ market: await openMarketOfTest(undefined), ...options });
  closing.push(() => endpoint.close());
  return endpoint;
}

async function ended(market: Market, jobId: string): Promise<FillProgress> {
  for (;;) {
    const progress = await market.getFill(jobId);
    if (!['queued', 'running'].includes(progress.state)) return progress;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

const daysAgo = (days: number) => Date.now() - days * MS_PER_DAY;

describe('a fill in trouble', { timeout: 30_000 }, () => {
  it('names what AWS refused and what to do about it', async () => {
    const endpoint = await serve({ accessKeyIds: ['AKIAOTHER'] });
    const { market } = await openRoom(endpoint.url);
    const { jobId } = await market.fill({ scope, fromMs: daysAgo(3) });
    const { state, message } = await ended(market, jobId);
    expect(state).toBe('failed');
    expect(message).toContain('AWS refused the credentials');
    expect(message).toContain(endpoint.url);
    expect(message).toContain('ec2:DescribeSpotPriceHistory');
    // Asking again with the same key is of no use.
    expect(endpoint.requests()).toBe(1);
  });

  it('names the action that the credentials may not do', async () => {
    const endpoint = await serve({ deniedActions: ['DescribeSpotPriceHistory'] });
    const { market } = await openRoom(endpoint.url);
    const { jobId } = await market.fill({ scope, fromMs: daysAgo(3) });
    expect((await ended(market, jobId)).message).toMatch(
      /may not do ec2:DescribeSpotPriceHistory in us-east-1/,
    );
  });

  it('gives up on an endpoint that is not there after a few tries', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise(resolve => server.close(resolve));
    const { market } = await openRoom(url);
    const { jobId } = await market.fill({ scope, fromMs: daysAgo(3) });
    const { state, message, requests } = await ended(market, jobId);
    expect(state).toBe('failed');
    expect(message).toContain(`${url} cannot be reached (ECONNREFUSED)`);
    expect(requests).toBe(5);
  });

  it('shows refusals because of the rate while they last, and can be cancelled then', async () => {
    const endpoint = await serve({ bucket: { capacity: 1, refillPerSecond: 0 } });
    const { market } = await openRoom(endpoint.url);
    const { jobId } = await market.fill({ scope, fromMs: daysAgo(3) });
    for (;;) {
      const { throttled, rows } = await market.getFill(jobId);
      if (throttled >= 3) {
        expect(rows).toBeGreaterThan(0);
        break;
      }
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    const cancelled = await market.cancelFill(jobId);
    expect(cancelled.state).toBe('cancelled');
  });

  it('stops within a page when it is cancelled, keeps what it has, and goes on from there', async () => {
    const endpoint = await serve({ pageLatencyMs: 50 });
    const { market } = await openRoom(endpoint.url);
    const fromMs = daysAgo(60);
    const toMs = daysAgo(1);
    const told: unknown[] = [];
    market.onFilled(info => told.push(info));
    const first = await market.fill({ scope, fromMs, toMs });
    while ((await market.getFill(first.jobId)).rows < 5_000)
      await new Promise(resolve => setTimeout(resolve, 20));
    const startedAt = performance.now();
    const cancelled = await market.cancelFill(first.jobId);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(cancelled.state).toBe('cancelled');
    const share = await market.coverage.share(scope, fromMs, toMs);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);

    const again = await market.fill({ scope, fromMs, toMs });
    expect((await ended(market, again.jobId)).state).toBe('succeeded');
    // To the second: the window begins and ends at whole seconds.
    expect(await market.coverage.share(scope, fromMs, toMs)).toBeGreaterThan(0.999_999);
    const rest = await market.getFill(again.jobId);
    expect(rest.rows).toBeLessThan((await market.coverage.countRecords()) - 3_000);
    expect(told.at(-1)).toEqual({ modelId: null, scope });
  });

  it('does not run the same scope twice at once', async () => {
    const endpoint = await serve({ pageLatencyMs: 100 });
    const { market } = await openRoom(endpoint.url);
    const one = await market.fill({ scope, fromMs: daysAgo(30) });
    const other = await market.fill({
      scope: { ...scope, regions: ['us-east-1', 'us-east-1'] },
      fromMs: daysAgo(20),
    });
    expect(other.jobId).toBe(one.jobId);
    await market.cancelFill(one.jobId);
  });

  it('fills what is in reach and says what is left; what lies wholly before the reach is refused', async () => {
    const endpoint = await serve({});
    const { market } = await openRoom(endpoint.url);
    const m5 = { ...scope, instanceTypes: ['m5.large'] };
    const { jobId } = await market.fill({ scope: m5, fromMs: daysAgo(100) });
    const { state, message } = await ended(market, jobId);
    expect(state).toBe('succeeded');
    expect(message).toMatch(/^10 d of the gap lie before the 90 days that EC2 keeps/);
    const old = market.fill({ scope: m5, fromMs: daysAgo(200), toMs: daysAgo(95) });
    await expect(old).rejects.toMatchObject({ code: 'market.gap-needs-archive' });
    // What was fetched for one type says nothing about the others.
    expect(await market.coverage.share(scope, daysAgo(30), daysAgo(1))).toBe(0);
    expect(await market.coverage.share(m5, daysAgo(30), daysAgo(1))).toBe(1);
  });

  it('tells dashboards of a fill at most four times a second, and of its end', async () => {
    const endpoint = await serve({ pageLatencyMs: 20 });
    const { market, live } = await openRoom(endpoint.url);
    const { jobId } = await market.fill({ scope, fromMs: daysAgo(30) });
    const seen: FillProgress[] = [];
    const watcher = live.connect(async batch => {
      for (const { changes } of batch) for (const { value } of changes) seen.push(value as FillProgress);
    });
    await live.subscribe(watcher, { topic: `fill/${jobId}` });
    const startedAt = performance.now();
    await ended(market, jobId);
    await new Promise(resolve => setTimeout(resolve, 50));
    const seconds = (performance.now() - startedAt) / 1_000;
    watcher.close();
    expect(seen.at(-1)).toMatchObject({ state: 'succeeded', percent: 100 });
    expect(seen.length).toBeLessThanOrEqual(4 * seconds + 4);
    expect(seen.map(({ percent }) => percent)).toEqual(
      seen.map(({ percent }) => percent).toSorted((a, b) => a - b),
    );
  });
});
