import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MS_PER_HOUR, poolKey } from '../../common/units/index.ts';
import { packers, writers } from './archives/write-archive.fixture.ts';
import type { PriceRecord } from './price-batch.ts';
import { type ReadArchivesOptions, readArchives } from './read-archives.ts';

const startMs = Date.UTC(2022, 0, 1);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-read-archives-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const records: PriceRecord[] = ['m5.large', 'c5.large'].flatMap(instanceType =>
  Array.from({ length: 200 }, (_, index) => ({
    region: 'eu-west-1',
    availabilityZone: 'eu-west-1a',
    instanceType,
    product: index % 2 === 0 ? 'Linux/UNIX' : 'Windows',
    atMs: startMs + index * MS_PER_HOUR,
    priceMicroUsdPerHour: 40_000 + index,
  })),
);

function fileOf(
  name: string,
  some: readonly PriceRecord[],
  writer = 'aws text',
  packer: keyof typeof packers = 'none',
): string {
  const path = join(folder, name);
  writeFileSync(path, packers[packer](Buffer.from(writers[writer]?.(some) ?? '')));
  return path;
}

const read = (paths: readonly string[], options: Partial<ReadArchivesOptions> = {}) =>
  readArchives(
    paths,
    { wanted: pool => pool.product === 'Linux/UNIX', nowMs: Date.UTC(2026, 0, 1), ...options },
    new AbortController().signal,
    () => undefined,
  );

describe('readArchives', () => {
  it('puts overlapping files of any form and order together, the wanted pools alone', async () => {
    const first = fileOf('first.txt', records.slice(0, 150).reverse());
    const second = fileOf('second.zst', records.slice(100).toReversed(), 'json of aws', 'zstd');
    const { series, duplicates, otherPools, files } = await read([first, second]);
    expect(series.map(({ pool }) => poolKey(pool))).toEqual([
      'eu-west-1/eu-west-1a/c5.large/Linux/UNIX',
      'eu-west-1/eu-west-1a/m5.large/Linux/UNIX',
    ]);
    for (const { atMs, priceMicroUsdPerHour } of series) {
      expect([...atMs]).toEqual(Array.from({ length: 100 }, (_, index) => startMs + 2 * index * MS_PER_HOUR));
      expect([...priceMicroUsdPerHour]).toEqual(
        Array.from({ length: 100 }, (_, index) => 40_000 + 2 * index),
      );
    }
    expect(duplicates).toBe(25);
    expect(otherPools).toBe(2);
    expect(files).toMatchObject([
      { file: 'first.txt', rows: 150 },
      { file: 'second.zst', rows: 300 },
    ]);
  });

  it('keeps the price that was read first where files contradict each other', async () => {
    const [one] = records;
    if (!one) throw new Error('no record');
    const first = fileOf('a.txt', [one]);
    const other = fileOf('b.txt', [{ ...one, priceMicroUsdPerHour: 99_000 }]);
    const { series } = await read([first, other]);
    expect([...(series[0]?.priceMicroUsdPerHour ?? [])]).toEqual([40_000]);
  });

  it('reads a file again by the market that its names stand for, and drops what the first reading said', async () => {
    // Names with and without the suffix side by side: those without are of EC2-Classic, a market of its own.
    const text = writers['aws text']?.(records.filter(({ product }) => product === 'Linux/UNIX')) ?? '';
    const both = join(folder, 'both.txt');
    writeFileSync(
      both,
      `${text}${text.replaceAll('Linux/UNIX', 'Linux/UNIX (Amazon VPC)').replaceAll('\t0.04', '\t0.05')}`,
    );
    const { series, files } = await read([both]);
    expect(
      series.every(({ priceMicroUsdPerHour }) => priceMicroUsdPerHour.every(price => price >= 50_000)),
    ).toBe(true);
    expect(files[0]?.leftOut).toMatchObject([{ reason: 'the price is of EC2-Classic', count: 200 }]);
  });

  it('refuses a damaged file by its line unless told to take what comes before', async () => {
    const path = join(folder, 'cut.txt');
    writeFileSync(path, (writers['aws text']?.(records) ?? '').slice(0, -12));
    await expect(read([path])).rejects.toThrow(/"cut.txt" is damaged in line 400: it is cut off/);
    expect((await read([path], { upToDamage: true })).series).toHaveLength(2);
  });
});
