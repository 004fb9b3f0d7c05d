import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../common/units/index.ts';
import { openRecordedMarket } from './index.ts';

const RECORDING = fileURLToPath(
  new URL('../../../shared/data/nolicence/spot-prices-eu-west-1-2021-12_2022-03.csv.gz', import.meta.url),
);
const HEADER = 'timestamp,instance_type,availability_zone,product,price_usd';
const ROWS = [
  '2022-01-01T00:00:05Z,m5.large,eu-west-1a,Linux/UNIX,0.041000',
  '2022-01-02T00:00:20Z,m5.large,eu-west-1a,Linux/UNIX,0.041100',
  '2022-01-01T12:00:00Z,m5.large,eu-west-1b,Windows,0.130000',
  '2022-01-01T06:00:00Z,m5.large,eu-west-1a,Linux/UNIX,0.040900',
  '2022-01-01T06:00:00Z,m5.large,eu-west-1a,Linux/UNIX,0.040900',
];

describe('openRecordedMarket', () => {
  let folder: string;
  const file = (name: string): string => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recorded-market-'));
    await writeFile(file('prices.csv'), `${[HEADER, ...ROWS].join('\n')}\n`);
    await writeFile(file('prices.csv.gz'), gzipSync([HEADER, ...ROWS].join('\r\n')));
    await writeFile(
      file('bad-row.csv'),
      `${HEADER}\n${ROWS[0]}\n2022-01-01T00:00:05Z,m5.large,eu-west-1a,Linux/UNIX,\n`,
    );
    await writeFile(file('bad-header.csv'), 'time,price\n');
    await writeFile(file('empty.csv'), `${HEADER}\n`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('sorts rows, drops doubles, and reads plain and gzipped files alike', async () => {
    const plain = await openRecordedMarket(file('prices.csv'));
    const zipped = await openRecordedMarket(file('prices.csv.gz'));
    for (const market of [plain, zipped]) {
      const [pool] = market.pools();
      if (!pool) throw new Error('no pool');
      expect(pool).toEqual({
        region: 'eu-west-1',
        availabilityZone: 'eu-west-1a',
        instanceType: 'm5.large',
        product: 'Linux/UNIX',
      });
      expect(market.records).toBe(4);
      expect(
        market.recordsBetween(pool, 0, Date.UTC(2023, 0)).map(record => record.priceMicroUsdPerHour),
      ).toEqual([41_000, 40_900, 41_100]);
      expect(market.priceAt(pool, Date.UTC(2022, 0, 1, 5))).toBe(41_000);
      expect(market.priceAt(pool, Date.UTC(2022, 0, 1, 6))).toBe(40_900);
      expect(market.priceAt(pool, Date.UTC(2021, 0))).toBeUndefined();
    }
  });

  it('shifts every record so that the last one lies at a given time', async () => {
    const endAtMs = Date.UTC(2026, 10, 23, 12, 0, 0) + 345;
    const market = await openRecordedMarket(file('prices.csv'), { endAtMs });
    expect(market.lastAtMs).toBe(endAtMs - 345);
    expect(market.firstAtMs).toBe(endAtMs - 345 - MS_PER_DAY - 15_000);
    const [pool] = market.pools();
    if (!pool) throw new Error('no pool');
    expect(market.recordInForce(pool, endAtMs)).toEqual({
      atMs: endAtMs - 345,
      priceMicroUsdPerHour: 41_100,
    });
  });

  it('says which line is no price record', async () => {
    await expect(openRecordedMarket(file('bad-row.csv'))).rejects.toThrow(
      /bad-row\.csv, line 3: .*no price record/,
    );
    await expect(openRecordedMarket(file('bad-header.csv'))).rejects.toThrow(/has to begin with "timestamp,/);
    await expect(openRecordedMarket(file('empty.csv'))).rejects.toThrow(/holds no price record/);
    await expect(openRecordedMarket(file('absent.csv.gz'))).rejects.toThrow(/ENOENT/);
    await expect(openRecordedMarket(file('prices.csv'), { shiftMs: 1 })).rejects.toThrow(
      /whole number of seconds/,
    );
  });

  it.skipIf(!existsSync(RECORDING))(
    'reads 90 recorded days of eu-west-1 (skipped where the recording is absent)',
    async () => {
      const market = await openRecordedMarket(RECORDING);
      expect(market.records).toBe(816_644);
      expect(market.pools()).toHaveLength(5_215);
      const pool = market
        .pools()
        .find(
          one =>
            one.instanceType === 'm5.large' &&
            one.availabilityZone === 'eu-west-1a' &&
            one.product === 'Linux/UNIX',
        );
      if (!pool) throw new Error('m5.large is not in the recording');
      expect(market.recordsBetween(pool, 0, Date.UTC(2023, 0))).toHaveLength(124);
      expect(market.priceAt(pool, Date.UTC(2021, 11, 16))).toBe(40_600);
    },
    30_000,
  );
});
