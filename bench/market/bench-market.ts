import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MS_PER_DAY } from '../../common/units/index.ts';
import type { PriceRecord } from '../../server/market/index.ts';
import type { SpotMarket } from '../../simulator/market/index.ts';
import { openMarketOfTest } from '../../tests/support/market-of-test.ts';

const path = join(
  import.meta.dirname,
  '../../../shared/data/nolicence/spot-prices-eu-west-1-2021-12_2022-03.csv.gz',
);

/** The recording, where there is one. */
export const recordingPath = existsSync(path) ? path : undefined;
/** When the market of the benchmark ends. */
export const endMs = recordingPath ? Date.UTC(2022, 2, 13, 17) : Date.now();
/** Rows of a page, as EC2 sends them. */
export const PAGE = 1_000;

export function openMarket(): Promise<SpotMarket> {
  return openMarketOfTest(recordingPath);
}

/** All records of the last days, newest first, as EC2 sends them. */
export function recordsOfDays(market: SpotMarket, days: number): PriceRecord[] {
  const records: PriceRecord[] = [];
  for (const pool of market.pools()) {
    for (const record of market.recordsBetween(pool, endMs - days * MS_PER_DAY, endMs))
      records.push({ ...pool, ...record });
  }
  return records.sort((a, b) => b.atMs - a.atMs);
}

/** A folder for the length of some work. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What some work takes: time on the clock and of the processor, in ms. */
export async function timeOf(work: () => Promise<void> | void): Promise<{ ms: number; cpuMs: number }> {
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - startedAt, cpuMs: (user + system) / 1_000 };
}
