import type { SpotPrice } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { readPage } from './ec2-source.ts';

const item = (change: Partial<SpotPrice>): SpotPrice => ({
  AvailabilityZone: 'eu-west-1a',
  InstanceType: 'm5.large',
  ProductDescription: 'Linux/UNIX',
  SpotPrice: '0.0416',
  Timestamp: new Date('2021-12-14T15:53:10Z'),
  ...change,
});

describe('readPage', () => {
  it('cuts the suffix that products had until 2022', () => {
    const suffixed = { ProductDescription: 'Linux/UNIX (Amazon VPC)' } as const;
    expect(readPage('eu-west-1', [item(suffixed)], true).records).toEqual([
      {
        region: 'eu-west-1',
        availabilityZone: 'eu-west-1a',
        instanceType: 'm5.large',
        product: 'Linux/UNIX',
        atMs: Date.UTC(2021, 11, 14, 15, 53, 10),
        priceMicroUsdPerHour: 41_600,
      },
    ]);
  });

  it.each(['0', '0.000000', '-0.1', 'NaN', 'null', '', 'free'])(
    'counts the price "%s" and leaves it out',
    text => {
      const page = readPage('eu-west-1', [item({ SpotPrice: text }), item({})], true);
      expect(page).toMatchObject({ records: [{ priceMicroUsdPerHour: 41_600 }], refusedPrices: 1 });
    },
  );

  it('leaves out what has no price, pool or time at all', () => {
    const { SpotPrice: _price, ...noPrice } = item({});
    const { Timestamp: _time, ...noTime } = item({});
    expect(readPage('eu-west-1', [noPrice, noTime], false)).toEqual({
      records: [],
      refusedPrices: 2,
      isLast: false,
    });
  });
});
