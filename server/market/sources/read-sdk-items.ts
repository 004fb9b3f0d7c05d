import type { SpotPrice } from '@aws-sdk/client-ec2';
import { microUsdFromUsd } from '../../../common/units/index.ts';
import type { PoolNames } from './pool-names.ts';
import type { ScannedPage } from './scan-price-page.ts';

/** A page as the SDK read it. What is no price, or has no pool or time, is counted and left out. */
export function readSdkItems(
  names: PoolNames,
  items: readonly SpotPrice[],
  nextToken: string | undefined,
): ScannedPage {
  const poolOf = new Int32Array(items.length);
  const atMs = new Float64Array(items.length);
  const prices = new Float64Array(items.length);
  let count = 0;
  for (const { AvailabilityZone, InstanceType, ProductDescription, SpotPrice: text, Timestamp } of items) {
    const price = text === undefined ? undefined : microUsdFromUsd(text);
    if (!price || !AvailabilityZone || !InstanceType || !ProductDescription || !Timestamp) continue;
    poolOf[count] = names.placeNamed(AvailabilityZone, InstanceType, ProductDescription);
    atMs[count] = Timestamp.getTime();
    prices[count] = price;
    count++;
  }
  const batch = {
    pools: names.pools,
    poolOf: poolOf.subarray(0, count),
    atMs: atMs.subarray(0, count),
    priceMicroUsdPerHour: prices.subarray(0, count),
  };
  return {
    batch,
    refusedPrices: items.length - count,
    nextToken: nextToken === '' ? undefined : nextToken,
  };
}
