import type { SpotPrice } from '@aws-sdk/client-ec2';
import { microUsdFromUsd } from '../../../common/units/index.ts';
import { batchOf, type PriceRecord } from '../price-batch.ts';
import { basicProduct } from './pool-names.ts';
import type { ScannedPage } from './scan-price-page.ts';

/** A page as the SDK read it. What is no price, or has no pool or time, is counted and left out. */
export function readSdkItems(
  region: string,
  items: readonly SpotPrice[],
  nextToken: string | undefined,
): ScannedPage {
  const records: PriceRecord[] = [];
  let refusedPrices = 0;
  for (const { AvailabilityZone, InstanceType, ProductDescription, SpotPrice: text, Timestamp } of items) {
    const price = text === undefined ? undefined : microUsdFromUsd(text);
    if (!price || !AvailabilityZone || !InstanceType || !ProductDescription || !Timestamp) {
      refusedPrices++;
      continue;
    }
    records.push({
      region,
      availabilityZone: AvailabilityZone,
      instanceType: InstanceType,
      product: basicProduct(ProductDescription),
      atMs: Timestamp.getTime(),
      priceMicroUsdPerHour: price,
    });
  }
  return { batch: batchOf(records), refusedPrices, nextToken: nextToken === '' ? undefined : nextToken };
}
