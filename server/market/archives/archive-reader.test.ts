import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MS_PER_SECOND } from '../../../common/units/index.ts';
import type { PriceRecord } from '../price-batch.ts';
import { ArchiveReader } from './archive-reader.ts';
import { parseZones } from './parse-zones.ts';
import type { RowOptions } from './row-reader.ts';
import { packers, writers } from './write-archive.fixture.ts';

const nowMs = Date.UTC(2026, 10, 25);
const options: RowOptions = { region: undefined, product: undefined, zones: new Map(), nowMs };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-archives-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const record = (second: number, change: Partial<PriceRecord> = {}): PriceRecord => ({
  region: 'eu-west-1',
  availabilityZone: 'eu-west-1a',
  instanceType: 'm5.large',
  product: 'Linux/UNIX',
  atMs: Date.UTC(2022, 0, 1) + second * MS_PER_SECOND,
  priceMicroUsdPerHour: 41_600 + second,
  ...change,
});

async function read(content: Buffer | string, change: Partial<RowOptions> = {}) {
  const path = join(folder, 'prices');
  writeFileSync(path, content);
  const reader = new ArchiveReader(path, { ...options, ...change });
  const records: PriceRecord[] = [];
  for await (const batch of reader.records(new AbortController().signal)) records.push(...batch);
  return { reader, records };
}

const CSV = 'timestamp,instance_type,availability_zone,product,price_usd\n';
const row = (text: Partial<Record<'time' | 'type' | 'zone' | 'product' | 'price', string>> = {}) => {
  const { time = '2022-01-01T00:00:00Z', type = 'm5.large', zone = 'eu-west-1a' } = text;
  return `${time},${type},${zone},${text.product ?? 'Linux/UNIX'},${text.price ?? '0.041600'}\n`;
};

const zones = [
  ['eu-west-1a', 'eu-west-1'],
  ['us-west-2-lax-1a', 'us-west-2'],
  ['us-gov-west-1b', 'us-gov-west-1'],
  ['cn-north-1a', 'cn-north-1'],
  ['use1-az4', 'us-east-1'],
  ['usw2-lax1-az1', 'us-west-2'],
  ['apse2-az1', 'ap-southeast-2'],
  ['us-east-1-wl1-bos-wlz-1', 'us-east-1'],
] as const;
const anyRecord: fc.Arbitrary<PriceRecord> = fc
  .record({
    zone: fc.constantFrom(...zones),
    instanceType: fc.constantFrom('m5.large', 'u-24tb1.metal', 'p4d.24xlarge', 'c7gn.medium'),
    product: fc.constantFrom('Linux/UNIX', 'Windows', 'Red Hat Enterprise Linux', 'SUSE Linux'),
    second: fc.integer({ min: Date.UTC(2010, 0, 1) / 1_000, max: nowMs / 1_000 }),
    priceMicroUsdPerHour: fc.integer({ min: 1, max: 400_000_000 }),
  })
  .map(({ zone: [availabilityZone, region], second, ...rest }) => ({
    ...rest,
    availabilityZone,
    region,
    atMs: second * MS_PER_SECOND,
  }));

describe('ArchiveReader', { timeout: 30_000 }, () => {
  for (const [form, write] of Object.entries(writers)) {
    it(`reads any records back as they were written: ${form}, in each compression`, async () => {
      const names = Object.keys(packers) as (keyof typeof packers)[];
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyRecord, { minLength: 1, maxLength: 40 }),
          fc.constantFrom(...names),
          async (written, compression) => {
            const { reader, records } = await read(packers[compression](Buffer.from(write(written))));
            expect(records).toEqual(written);
            expect(reader).toMatchObject({ compression, rows: written.length, damagedAt: null, leftOut: [] });
          },
        ),
        { numRuns: 25 },
      );
    });
  }

  it('reads files larger than any buffer, of several members, frames or streams', async () => {
    const half = Array.from({ length: 6_000 }, (_, second) => record(second));
    const text = Buffer.from(writers['aws text']?.(half) ?? '');
    for (const pack of Object.values(packers)) {
      const { reader, records } = await read(Buffer.concat([pack(text), pack(text)]));
      expect(reader.damagedAt).toBeNull();
      expect(records).toEqual([...half, ...half]);
    }
  });

  it('says in which line a cut or damaged file breaks, and gives what comes before in the same way twice', async () => {
    const all = Array.from({ length: 6_000 }, (_, second) =>
      record(second, { priceMicroUsdPerHour: 1 + ((second * 7_919) % 100_003) }),
    );
    const text = Buffer.from(writers['csv of the recordings']?.(all) ?? '');
    for (const [name, pack] of Object.entries(packers)) {
      const packed = pack(text);
      const cut = packed.subarray(0, Math.floor(packed.length * 0.7));
      const flipped = Buffer.from(packed);
      flipped[Math.floor(packed.length * 0.7)] = (flipped[Math.floor(packed.length * 0.7)] ?? 0) ^ 0xff;
      const first = await read(cut);
      const second = await read(cut);
      expect(first.records).toEqual(all.slice(0, first.records.length));
      expect(second.records).toEqual(first.records);
      expect(first.reader.damagedAt?.line, name).toBe(first.records.length + 2);
      expect(second.reader.damagedAt).toEqual(first.reader.damagedAt);
      expect(first.reader.isPrefixSound).toBe(true);
      if (name === 'none') continue;
      // The check at the end says that something is wrong, and not where.
      const { reader } = await read(flipped);
      expect(reader.damagedAt, name).not.toBeNull();
      expect(reader.isPrefixSound, name).toBe(false);
      expect((await read(cut)).records.length, name).toBeGreaterThan(1_000);
    }
  });

  it('takes a last line without an end for whole only where nothing of it is missing', async () => {
    expect((await read(CSV + row() + row().trimEnd())).records).toHaveLength(2);
    const { reader, records } = await read(CSV + row() + row().slice(0, -4));
    expect(records).toHaveLength(1);
    expect(reader.damagedAt).toEqual({ line: 3, reason: 'it is cut off' });
    // Where prices have any number of decimals, a short one is a price.
    expect(
      (await read(`${CSV}${row({ price: '0.1' })}${row({ price: '0.25' })}${row({ price: '3' }).trimEnd()}`))
        .records,
    ).toHaveLength(3);
    const json = writers['json of aws']?.([record(1), record(2)]) ?? '';
    expect((await read(json.slice(0, -40))).reader.damagedAt?.reason).toBe('the file ends inside an object');
  });

  it('counts what tells no price by reason and first line, and goes on', async () => {
    const dirt: [string, string][] = [
      ['the price is zero or negative', row({ price: '-1' }) + row({ price: '0.000000' })],
      ['the price is no number', row({ price: 'NaN' }) + row({ price: '0x10' })],
      ['the price is missing', row({ price: ' ' })],
      ['the price is above $2,000 an hour', row({ price: '99999' })],
      ['the time is in the future', row({ time: '2030-01-01T00:00:00Z' })],
      ['the time is before Spot began, in December 2009', row({ time: '1970-01-01T00:00:00Z' })],
      [
        'the time cannot be read',
        row({ time: '2022-02-30T00:00:00Z' }) + row({ time: '2022-01-01T25:00:00Z' }),
      ],
      ['the product "Plan 9" is not known', row({ product: 'Plan 9' })],
      ['the instance type cannot be read', row({ type: 'large' })],
      ['the region of the zone is not known; --region names it', row({ zone: 'mars-az1' })],
    ];
    for (const [reason, lines] of dirt) {
      const count = lines.trimEnd().split('\n').length;
      const { reader, records } = await read(CSV + row() + lines + row({ zone: 'eu-west-1b' }));
      expect(reader.leftOut).toEqual([{ reason, count, firstLine: 3 }]);
      expect(records).toHaveLength(2);
      expect(reader).toMatchObject({ rows: 2 + count, damagedAt: null });
    }
  });

  it('follows headers of files that were joined, and passes over blank lines and tokens', async () => {
    const other = 'SpotPrice,AvailabilityZone,Timestamp,InstanceType,ProductDescription\n';
    const { records } = await read(
      `${CSV}${row()}\n${CSV}${row()}${other}0.0416,eu-west-1a,2022-01-01T00:00:00Z,m5.large,Linux/UNIX\n`,
    );
    expect(records).toEqual(Array(3).fill(record(0, { priceMicroUsdPerHour: 41_600 })));
    const text = writers['aws text']?.([record(1)]) ?? '';
    expect((await read(`${text}NEXTTOKEN\tabc\n${text}`)).records).toHaveLength(2);
  });

  it('reads times without a zone as UTC and says how many', async () => {
    const { reader, records } = await read(CSV + row({ time: '2022-01-01 00:00:00' }) + row());
    expect(records.map(({ atMs }) => atMs)).toEqual([record(0).atMs, record(0).atMs]);
    expect(reader.naiveTimes).toBe(1);
  });

  it('keeps UNKNOWN apart, unless it is told what it is', async () => {
    const content = CSV + row({ product: 'UNKNOWN' }) + row({ product: 'Windows' });
    expect((await read(content)).records.map(({ product }) => product)).toEqual(['UNKNOWN', 'Windows']);
    const told = await read(content, { product: 'Linux/UNIX' });
    expect(told.records.map(({ product }) => product)).toEqual(['Linux/UNIX', 'Windows']);
  });

  it('puts zone ids into the names of the account where it is told them, and into a named region', async () => {
    const content = CSV + row({ zone: 'euw1-az2' }) + row({ zone: 'euw1-az3' }) + row({ zone: 'mars-az1' });
    const { records } = await read(content, { zones: parseZones('eu-west-1a=euw1-az2'), region: 'mars-1' });
    expect(records.map(({ region, availabilityZone }) => `${region} ${availabilityZone}`)).toEqual([
      'eu-west-1 eu-west-1a',
      'eu-west-1 euw1-az3',
      'mars-1 mars-az1',
    ]);
    expect(() => parseZones('eu-west-1a=use1-az1')).toThrow(/"eu-west-1a=use1-az1"/);
  });

  it('stops at what is no text of prices, by line', async () => {
    const broken: [string, RegExp | string][] = [
      [`${CSV}${row()}${'\0'.repeat(100_000)}`, 'it holds a NUL byte, which no text does'],
      [`${CSV}${row()}${'x'.repeat(3_000_000)}`, 'it is longer than a megabyte'],
      [`${CSV}${row()}a,b\n${row()}`, 'it has 2 columns where 5 are expected'],
    ];
    for (const [content, reason] of broken) {
      const { reader, records } = await read(content);
      expect(reader.damagedAt).toEqual({ line: 3, reason });
      expect(records).toHaveLength(1);
    }
    const long = `[{"az":"${'x'.repeat(3_000_000)}"}]`;
    expect((await read(long)).reader.damagedAt?.reason).toBe('an object is longer than a megabyte');
  });

  it('refuses what is no file of prices at all, and says what it is', async () => {
    const strangers: [Buffer | string, RegExp][] = [
      ['', /is empty/],
      ['\0'.repeat(100_000), /NUL bytes/],
      [Buffer.from('\ufefftimestamp,price', 'utf16le'), /UTF-16/],
      [Buffer.from('timestamp,price\n', 'utf16le'), /NUL bytes/],
      ['PK\x03\x04', /a ZIP file/],
      ['a,b,c\n1,2,3\n', /begins with "a,b,c"/],
      [Buffer.from([0x1f, 0x8b, 8, 0, 1, 2]), /cannot be unpacked/],
    ];
    for (const [content, message] of strangers) await expect(read(content)).rejects.toThrow(message);
    await expect(read(packers.gzip(Buffer.from('PK\x03\x04')))).rejects.toThrow(/a ZIP file/);
  });

  it('does not unpack bombs', async () => {
    const bomb = Buffer.concat([Buffer.from(CSV + row()), Buffer.alloc(300 * 1024 * 1024, '\n')]);
    await expect(read(packers.zstd(bomb))).rejects.toThrow(/more than a thousand times its size/);
  });

  it('leaves prices of EC2-Classic out where it is told until when there were any', async () => {
    const vpc = (second: number) =>
      row({ time: `2021-08-28T00:00:0${second}Z`, product: 'Linux/UNIX (Amazon VPC)' });
    const plain = (second: number) => row({ time: `2021-08-28T00:00:0${second}Z` });
    const content = CSV + plain(1) + vpc(2) + plain(3) + vpc(4) + plain(5);
    const { reader } = await read(content);
    const classicUntilMs = reader.classicUntilMs();
    expect(classicUntilMs).toEqual(new Map([['eu-west-1', Date.UTC(2021, 7, 28, 0, 0, 4)]]));
    const again = await read(content, { classicUntilMs });
    // What comes after the last name with a suffix is the same product under its new name.
    expect(again.records.map(({ atMs }) => (atMs / 1_000) % 60)).toEqual([2, 4, 5]);
    expect(again.reader.leftOut).toEqual([{ reason: 'the price is of EC2-Classic', count: 2, firstLine: 2 }]);
    expect((await read(CSV + plain(1) + plain(2))).reader.classicUntilMs()).toEqual(new Map());
  });
});
