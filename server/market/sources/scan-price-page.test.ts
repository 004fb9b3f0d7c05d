import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DescribeSpotPriceHistoryCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, describe, expect, it } from 'vitest';
import type { PriceBatch } from '../price-batch.ts';
import { fetchPricePage } from './fetch-price-page.ts';
import { PoolNames } from './pool-names.ts';
import { readSdkItems } from './read-sdk-items.ts';
import { type ScannedPage, scanPricePage } from './scan-price-page.ts';

const region = 'eu-west-1';
let answer: { statusCode: number; headers: Record<string, string>; body: Uint8Array };
/** The SDK with nothing replaced but the wire. */
const client = new EC2Client({
  region,
  credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
  maxAttempts: 1,
  requestHandler: { handle: async () => ({ response: answer as never }) },
});
afterAll(() => client.destroy());

function serve(body: Uint8Array | string, headers = {}, statusCode = 200) {
  answer = { statusCode, headers, body: typeof body === 'string' ? Buffer.from(body) : body };
}

async function bySdk(body: Uint8Array | string): Promise<ScannedPage> {
  serve(body);
  const output = await client.send(new DescribeSpotPriceHistoryCommand({}));
  return readSdkItems(new PoolNames(region), output.SpotPriceHistory ?? [], output.NextToken);
}

const recordsOf = ({ pools, poolOf, atMs, priceMicroUsdPerHour }: PriceBatch) =>
  [...poolOf].map((place, index) => [pools[place], atMs[index], priceMicroUsdPerHour[index]]);
const contentOf = (page: ScannedPage) => ({
  records: recordsOf(page.batch),
  refusedPrices: page.refusedPrices,
  nextToken: page.nextToken,
});
const scan = (text: string | Uint8Array) =>
  scanPricePage(typeof text === 'string' ? Buffer.from(text) : text, new PoolNames(region));

const item = (type: string, price: string, at: string, more = '') =>
  `<item><instanceType>${type}</instanceType><productDescription>Linux/UNIX</productDescription><spotPrice>${price}</spotPrice><timestamp>${at}</timestamp><availabilityZone>eu-west-1a</availabilityZone>${more}</item>`;
const page = (items: string, rest = '<nextToken/>') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<DescribeSpotPriceHistoryResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>59dbff89</requestId><spotPriceHistorySet>${items}</spotPriceHistorySet>${rest}</DescribeSpotPriceHistoryResponse>`;
const at = '2021-12-14T15:53:10.000Z';
const plain = page(
  item('m5.large', '0.041600', at, '<availabilityZoneId>euw1-az1</availabilityZoneId>') +
    item('a1.xlarge', '0.071200', '2021-12-14T15:53:09Z') +
    item('m5.large', '0.041700', '2021-12-13T00:00:00.000Z').replace('UNIX<', 'UNIX (Amazon VPC)<'),
  '<nextToken>q5GwEl5bMGjKq6YmhpDL+w==</nextToken>',
);

describe('scanPricePage', () => {
  it('reads a page as EC2 sends it', async () => {
    const scanned = scan(plain);
    expect(scanned && contentOf(scanned)).toEqual(contentOf(await bySdk(plain)));
    expect(scanned).toMatchObject({ nextToken: 'q5GwEl5bMGjKq6YmhpDL+w==', refusedPrices: 0 });
    expect(scanned?.batch.poolOf.length).toBe(3);
  });

  it.each([
    [
      'fields in another order',
      plain.replace(/(<instanceType>.*?<\/instanceType>)(.*?)(<\/item>)/g, '$2$1$3'),
    ],
    ['elements that are not known', plain.replaceAll('</item>', '<new><a>1</a><b/></new></item>')],
    ['blanks between elements', plain.replaceAll('><', '>\r\n\t <')],
    ['no declaration', plain.slice(plain.indexOf('<Describe'))],
    ['no records', page('')],
    ['no set', page('').replace('<spotPriceHistorySet></spotPriceHistorySet>', '<spotPriceHistorySet/>')],
    ['no token', page(item('m5.large', '1', at), '')],
    ['an empty token', page(item('m5.large', '1.5', at), '<nextToken></nextToken>')],
    ['no zone', page(item('m5.large', '0.1', at).replace(/<availabilityZone>.*<\/availabilityZone>/, ''))],
    ['a price of nothing', page(item('m5.large', '0.000000', at) + item('m5.large', '0.5', at))],
    ['names that are no ASCII', page(item('größe.large', '0.1', at))],
  ])('reads %s as the SDK does', async (_what, text) => {
    const scanned = scan(text);
    expect(scanned && contentOf(scanned)).toEqual(contentOf(await bySdk(text)));
  });

  it.each([
    ['entities', page(item('m5&amp;large', '0.1', at))],
    ['comments', page(`<!-- none -->${item('m5.large', '0.1', at)}`)],
    ['CDATA', page(item('<![CDATA[m5.large]]>', '0.1', at))],
    ['a price with an exponent', page(item('m5.large', '1e-2', at))],
    ['seven decimals', page(item('m5.large', '0.0416001', at))],
    ['a time in another zone', page(item('m5.large', '0.1', '2021-12-14T15:53:10+01:00'))],
    ['a day that does not exist', page(item('m5.large', '0.1', '2021-02-29T00:00:00Z'))],
    ['the 31st of April', page(item('m5.large', '0.1', '2021-04-31T00:00:00Z'))],
    ['the 29th of February of 2100', page(item('m5.large', '0.1', '2100-02-29T00:00:00Z'))],
    ['an hour that does not exist', page(item('m5.large', '0.1', '2021-04-30T24:00:00Z'))],
    ['blanks about a value', page(item(' m5.large', '0.1', at))],
    ['a value twice', page(item('m5.large', '0.1', at, '<spotPrice>0.2</spotPrice>'))],
    ['an end that is missing', plain.slice(0, -5)],
    ['something after the end', `${plain}<more/>`],
    ['attributes', page(item('m5.large', '0.1', at).replace('<item>', '<item n="1">'))],
    ['another answer', plain.replaceAll('DescribeSpotPriceHistoryResponse', 'DescribeRegionsResponse')],
  ])('leaves %s to a whole parser', (_what, text) => {
    expect(scan(text)).toBeUndefined();
  });

  it('agrees with the SDK on every damaged page that it reads at all', async () => {
    let seed = 1;
    const random = (below: number) => {
      // Park and Miller, https://doi.org/10.1145/63039.63042
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    let read = 0;
    for (let round = 0; round < 1_500; round++) {
      const bytes = Buffer.from(plain);
      const place = random(bytes.length);
      const damaged =
        [
          () => Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1 + random(4))]),
          () =>
            Buffer.concat([
              bytes.subarray(0, place),
              Buffer.from('<>/& "0a.Z-'.charAt(random(11))),
              bytes.subarray(place),
            ]),
          () => Buffer.from(bytes.fill(random(256), place, place + 1)),
          () =>
            Buffer.concat([
              bytes.subarray(0, place),
              bytes.subarray(random(bytes.length), place),
              bytes.subarray(place),
            ]),
        ][random(4)]?.() ?? bytes;
      const scanned = scan(damaged);
      if (!scanned) continue;
      read++;
      expect(contentOf(scanned), damaged.toString()).toEqual(contentOf(await bySdk(damaged)));
    }
    expect(read).toBeGreaterThan(100);
  });

  const samples = join(import.meta.dirname, '../../../../shared/data/ec2-xml');
  it
    .runIf(existsSync(samples))
    .each([
      'boto-describe-spot-price-history-nexttoken-2013.xml',
      'jclouds-describe-spot-price-history-2011.xml',
    ])('reads the sample %s as the SDK does', async name => {
    const bytes = readFileSync(join(samples, name));
    const scanned = scan(bytes);
    expect(scanned && contentOf(scanned)).toEqual(contentOf(await bySdk(bytes)));
    expect((scanned?.batch.poolOf.length ?? 0) + (scanned?.refusedPrices ?? 0)).toBeGreaterThan(0);
  });
});

describe('fetchPricePage', () => {
  const fetched = () =>
    fetchPricePage(client, {}, new PoolNames(region), 'bytes', new AbortController().signal);

  it('gives what the bytes say, also where the SDK has to read them, and where they came compressed', async () => {
    const wanted = contentOf(await bySdk(plain));
    serve(plain);
    expect(contentOf(await fetched())).toEqual(wanted);
    serve(gzipSync(plain), { 'content-encoding': 'gzip' });
    expect(contentOf(await fetched())).toEqual(wanted);
    serve(plain.replace('m5.large', 'm5&#46;large'));
    expect(contentOf(await fetched())).toEqual(wanted);
  });

  it('leaves errors to the SDK', async () => {
    const error =
      '<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Slow down</Message></Error></Errors><RequestID>1</RequestID></Response>';
    serve(error, {}, 503);
    await expect(fetched()).rejects.toMatchObject({ name: 'RequestLimitExceeded', message: 'Slow down' });
  });

  it('fails on a page that nobody can read', async () => {
    serve(plain.slice(0, 400));
    await expect(fetched()).rejects.toThrow();
  });
});
