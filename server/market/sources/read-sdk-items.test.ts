import type { SpotPrice } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import type { PriceBatch } from '../price-batch.ts';
import { PoolNames } from './pool-names.ts';
import { readSdkItems } from './read-sdk-items.ts';

const item = (change: Partial<SpotPrice>): SpotPrice => ({
  AvailabilityZone: 'eu-west-1a',
  InstanceType: 'm5.large',
  ProductDescription: 'Linux/UNIX',
  SpotPrice: '0.0416',
  Timestamp: new Date('2021-12-14T15:53:10Z'),
  ...change,
});

const recordsOf = ({ pools, poolOf, atMs, priceMicroUsdPerHour }: PriceBatch) =>
  [...poolOf].map((place, index) => ({
    ...pools[place],
    atMs: atMs[index],
    priceMicroUsdPerHour: priceMicroUsdPerHour[index],
  }));

describe('readSdkItems', () => {
  it('cuts the suffix that products had until 2022', () => {
    const suffixed = { ProductDescription: 'Linux/UNIX (Amazon VPC)' } as const;
    expect(recordsOf(readSdkItems(new PoolNames('eu-west-1'), [item(suffixed)], undefined).batch)).toEqual([
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
      const page = readSdkItems(new PoolNames('eu-west-1'), [item({ SpotPrice: text }), item({})], undefined);
      expect(recordsOf(page.batch)).toMatchObject([{ priceMicroUsdPerHour: 41_600 }]);
      expect(page.refusedPrices).toBe(1);
    },
  );

  it('leaves out what has no price, pool or time at all', () => {
    const { SpotPrice: _price, ...noPrice } = item({});
    const { Timestamp: _time, ...noTime } = item({});
    const page = readSdkItems(new PoolNames('eu-west-1'), [noPrice, noTime], 'more');
    expect(recordsOf(page.batch)).toEqual([]);
    expect(page).toMatchObject({ refusedPrices: 2, nextToken: 'more' });
  });
});
