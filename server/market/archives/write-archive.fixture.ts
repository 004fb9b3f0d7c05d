import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { usdFromMicroUsd } from '../../../common/units/index.ts';
import type { PriceRecord } from '../price-batch.ts';
import { packXz } from './pack-xz.fixture.ts';

/** Writers of every form of text that is read. */
export const writers: Readonly<Record<string, (records: readonly PriceRecord[]) => string>> = {
  'aws text': records =>
    records
      .map(
        record =>
          `SPOTPRICEHISTORY\t${zoneTypeProduct(record).join('\t')}\t${price(record)}\t${iso(record)}\n`,
      )
      .join(''),
  'old EC2 tools': records =>
    records
      .map(record => {
        const { availabilityZone, instanceType, product } = record;
        const time = new Date(record.atMs - 7 * 3_600_000).toISOString().replace('.000Z', '-0700');
        return `SPOTINSTANCEPRICE\t${price(record)}\t${time}\t${instanceType}\t${product} (Amazon VPC)\t${availabilityZone}\n`;
      })
      .join(''),
  'csv of the recordings': records =>
    `timestamp,instance_type,availability_zone,product,price_usd\n${records
      .map(record => {
        const { availabilityZone, instanceType, product } = record;
        return `${iso(record)},${instanceType},${availabilityZone},${product},${price(record)}\n`;
      })
      .join('')}`,
  'csv with quotes, CRLF and a byte order mark': records =>
    `\ufeff"AvailabilityZone";"InstanceType";"ProductDescription";"SpotPrice";"Timestamp"\r\n${records
      .map(record => {
        const values = [...zoneTypeProduct(record), price(record), iso(record)];
        return `${values.map(value => `"${value}"`).join(';')}\r\n`;
      })
      .join('')}`,
  'tsv without a header, epoch seconds': records =>
    records
      .map(record => `${zoneTypeProduct(record).join('\t')}\t${price(record)}\t${record.atMs / 1_000}\n`)
      .join(''),
  'json of aws': records =>
    JSON.stringify({ SpotPriceHistory: records.map(asAws), NextToken: 'a{token"' }, null, 4),
  'json lines': records => records.map(record => `${JSON.stringify(asAws(record))}\n`).join(''),
  'json list, epoch ms, numbers': records =>
    JSON.stringify(
      records.map(({ availabilityZone, instanceType, product, atMs, priceMicroUsdPerHour }) => ({
        ...{ az: availabilityZone, instance_type: instanceType, os: product },
        ...{ price: usdFromMicroUsd(priceMicroUsdPerHour), time: atMs },
      })),
    ),
};

/** Packers of every compression that is read. */
export const packers: Readonly<Record<'none' | 'gzip' | 'xz' | 'zstd', (text: Buffer) => Buffer>> = {
  none: text => text,
  gzip: text => gzipSync(text),
  xz: packXz,
  // As the program does; the library leaves the check out.
  zstd: text => zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
};

function asAws(record: PriceRecord) {
  const { availabilityZone, instanceType, product } = record;
  return {
    AvailabilityZone: availabilityZone,
    InstanceType: instanceType,
    ProductDescription: product,
    SpotPrice: price(record),
    Timestamp: new Date(record.atMs).toISOString(),
  };
}

function zoneTypeProduct({ availabilityZone, instanceType, product }: PriceRecord): string[] {
  return [availabilityZone, instanceType, product];
}

function iso({ atMs }: PriceRecord): string {
  return new Date(atMs).toISOString().replace('.000Z', 'Z');
}

function price({ priceMicroUsdPerHour }: PriceRecord): string {
  return usdFromMicroUsd(priceMicroUsdPerHour).toFixed(6);
}
