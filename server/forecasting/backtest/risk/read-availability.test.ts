import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR, poolKey } from '../../../../common/units/index.ts';
import { readAvailability } from './read-availability.ts';

const HEAD = 'trace,instance_type,zone,start_date,gap_seconds,tick_start,ticks,available,price_usd';
const START_MS = Date.UTC(2026, 8, 1);
const read = (text: string, nodes = 1) =>
  readAvailability([{ name: 'r.csv', text }], { product: 'Linux/UNIX', nodes });

describe('readAvailability', () => {
  it('puts recordings of one pool together, and leaves open what nobody looked at', () => {
    const { availability } = read(
      [
        HEAD,
        'one,m5.large,us-east-1a,2026-09-01T00:00:00Z,3600,0,2,3,',
        'one,m5.large,us-east-1a,2026-09-01T00:00:00Z,3600,2,1,,',
        'one,m5.large,us-east-1a,2026-09-01T00:00:00Z,3600,3,1,1,',
        'two,m5.large,us-east-1a,2026-09-02T00:00:00Z,3600,0,2,0,',
        'three,c5.large,use1-az4,2026-09-01T00:00:00Z,3600,0,2,1,',
      ].join('\n'),
      2,
    );
    expect(availability.map(({ pool }) => poolKey(pool))).toEqual([
      'us-east-1/us-east-1a/m5.large/Linux/UNIX',
      'us-east-1/use1-az4/c5.large/Linux/UNIX',
    ]);
    const hours = Float64Array.of(0, 1, 2, 3, 4, 24, 25).map(hour => START_MS + hour * MS_PER_HOUR);
    expect([...(availability[0]?.outcomes(hours, MS_PER_HOUR).isAway ?? [])]).toEqual([
      0, 0, -1, 1, -1, 1, 1,
    ]);
  });

  it('takes prices as EC2 would tell them: changes, and the same again each day', () => {
    const { prices } = read(
      `${HEAD}\na,m5.large,us-east-1a,2026-09-01,3600,0,30,1,0.05\na,m5.large,us-east-1a,2026-09-01,3600,30,3,0,0.06\n`,
    );
    expect(prices[0]?.priceMicroUsdPerHour).toEqual(Float64Array.of(50_000, 50_000, 60_000));
    // An hour may hold several samples, so its price is known when it is over.
    expect(prices[0]?.atMs.map(at => (at - START_MS) / MS_PER_HOUR)).toEqual(Float64Array.of(1, 25, 31));
  });

  it('reads counts that say when they began', () => {
    const text =
      'trace,instance_type,zone,start_date,t_seconds,running\nx,g4dn.xlarge,us-east-1c,2026-09-01T06:00:00Z,0,4\nx,g4dn.xlarge,us-east-1c,2026-09-01T06:00:00Z,600,0\n';
    const [pool] = read(text).availability;
    expect(pool).toMatchObject({ fromMs: START_MS + 6 * MS_PER_HOUR, interruptions: 1 });
  });

  it.each([
    [
      'no date',
      `${HEAD}\na,m5.large,us-east-1a,,3600,0,2,1,\n`,
      /does not tell when its recording of m5.large in us-east-1a began/,
    ],
    [
      'a date that is none',
      `${HEAD}\na,m5.large,us-east-1a,soon,3600,0,2,1,\n`,
      /"soon" in the column start_date/,
    ],
    [
      'no zone',
      `${HEAD}\na,m5.large,,2026-09-01,3600,0,2,1,\n`,
      /"m5.large" in the zone "", which is no pool/,
    ],
    ['another file', 'a,b\n1,2\n', /"r.csv" is no recording of availability: its columns are a, b/],
  ])('refuses %s', (_, text, sentence) => {
    expect(() => read(text)).toThrow(sentence);
  });

  const recorded = join(
    import.meta.dirname,
    '../../../../../shared/data/nolicence/interruptions-spot-traces-2023.csv.gz',
  );
  it.skipIf(!existsSync(recorded))(
    'reads published recordings: twelve pools, three of them with prices',
    () => {
      const text = gunzipSync(readFileSync(recorded)).toString('utf8');
      const { availability, prices } = read(text);
      expect(availability).toHaveLength(12);
      expect(prices.map(({ pool }) => pool.instanceType)).toEqual([
        'r5.16xlarge',
        'r5.16xlarge',
        'r5.16xlarge',
      ]);
    },
  );
});
