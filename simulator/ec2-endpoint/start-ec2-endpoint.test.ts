import { fileURLToPath } from 'node:url';
import {
  DescribeAvailabilityZonesCommand,
  DescribeRegionsCommand,
  DescribeSpotPriceHistoryCommand,
  type DescribeSpotPriceHistoryCommandInput,
  EC2Client,
  type EC2ClientConfig,
  paginateDescribeInstanceTypes,
  paginateDescribeSpotPriceHistory,
  type SpotPrice,
} from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, it } from 'vitest';
import type { Pool } from '../../common/units/index.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import { createPretendMarket, readInstanceCatalog, type SpotPriceRecord } from '../market/index.ts';
import { type Ec2Endpoint, type Ec2EndpointOptions, startEc2Endpoint } from './index.ts';

const catalog = await readInstanceCatalog(
  fileURLToPath(new URL('../../resources/catalog/instance-types.json', import.meta.url)),
);
const NOW_MS = Date.UTC(2026, 10, 23, 11, 30, 15, 250);
const market = createPretendMarket({
  seed: 'endpoint',
  region: 'us-east-1',
  types: catalog.types.slice(0, 8),
  zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
});

const toClose: { close?(): Promise<void>; destroy?(): void }[] = [];
afterEach(async () => {
  for (const one of toClose.splice(0).reverse()) {
    one.destroy?.();
    await one.close?.();
  }
});

async function start(options: Partial<Ec2EndpointOptions> = {}): Promise<Ec2Endpoint> {
  const endpoint = await startEc2Endpoint({
    market,
    instanceTypes: catalog.types,
    clock: () => NOW_MS,
    bucket: { capacity: 100_000, refillPerSecond: 0 },
    ...options,
  });
  toClose.push(endpoint);
  return endpoint;
}

function connect(endpoint: Ec2Endpoint, config: EC2ClientConfig = {}): EC2Client {
  const client = new EC2Client({
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAPRETEND', secretAccessKey: 'secret' },
    maxAttempts: 1,
    ...config,
  });
  toClose.push(client);
  return client;
}

async function readAll(client: EC2Client, input: DescribeSpotPriceHistoryCommandInput): Promise<SpotPrice[]> {
  const prices: SpotPrice[] = [];
  for await (const page of paginateDescribeSpotPriceHistory({ client }, input)) {
    prices.push(...(page.SpotPriceHistory ?? []));
  }
  return prices;
}

interface Row {
  readonly key: string;
  readonly atMs: number;
  readonly price: string;
}

function received(prices: readonly SpotPrice[]): Row[] {
  return prices.map(price => ({
    key: `${price.InstanceType} ${price.AvailabilityZone} ${price.ProductDescription}`,
    atMs: price.Timestamp?.getTime() ?? Number.NaN,
    price: price.SpotPrice ?? '',
  }));
}

function expected(pools: readonly Pool[], recordsOf: (pool: Pool) => SpotPriceRecord[]): Row[] {
  return pools.flatMap(pool =>
    recordsOf(pool).map(record => ({
      key: `${pool.instanceType} ${pool.availabilityZone} ${pool.product}`,
      atMs: record.atMs,
      price: (record.priceMicroUsdPerHour / 1e6).toFixed(6),
    })),
  );
}

function inAnyOrder(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => a.key.localeCompare(b.key) || a.atMs - b.atMs);
}

describe('DescribeSpotPriceHistory', () => {
  it.each([1000, 137])('hands out the whole history once, newest first, %i in a page', async MaxResults => {
    const client = connect(await start());
    const startMs = NOW_MS - 30 * MS_PER_DAY;
    const rows = received(await readAll(client, { StartTime: new Date(startMs), MaxResults }));
    const wanted = expected(market.pools(), pool => [
      market.recordInForce(pool, startMs),
      ...market.recordsBetween(pool, startMs, NOW_MS + 1),
    ]);
    expect(rows.length).toBeGreaterThan(1000);
    expect(inAnyOrder(rows)).toEqual(inAnyOrder(wanted));
    expect(rows.map(row => row.atMs)).toEqual(rows.map(row => row.atMs).toSorted((a, b) => b - a));
  });

  it('shows nothing older than 90 days, not even the record in force', async () => {
    const client = connect(await start());
    const oldestMs = NOW_MS - 90 * MS_PER_DAY;
    const wanted = expected(market.pools(), pool => market.recordsBetween(pool, oldestMs, NOW_MS + 1));
    for (const input of [{}, { StartTime: new Date(NOW_MS - 400 * MS_PER_DAY) }]) {
      expect(inAnyOrder(received(await readAll(client, input)))).toEqual(inAnyOrder(wanted));
    }
    const long = {
      StartTime: new Date(NOW_MS - 200 * MS_PER_DAY),
      EndTime: new Date(NOW_MS - 100 * MS_PER_DAY),
    };
    expect(await readAll(client, long)).toEqual([]);
  });

  it('gives the prices in force now, one for each pool, to a client that asks from now on', async () => {
    const client = connect(await start());
    for (const startMs of [NOW_MS, NOW_MS + MS_PER_HOUR]) {
      const rows = received(await readAll(client, { StartTime: new Date(startMs) }));
      const wanted = expected(market.pools(), pool => [market.recordInForce(pool, NOW_MS)]);
      expect(inAnyOrder(rows)).toEqual(inAnyOrder(wanted));
    }
  });

  it('narrows by type, zone, product and filters', async () => {
    const client = connect(await start());
    const day = { StartTime: new Date(NOW_MS - MS_PER_DAY) };
    const keysOf = async (input: DescribeSpotPriceHistoryCommandInput): Promise<string[]> =>
      [...new Set(received(await readAll(client, { ...day, ...input })).map(row => row.key))].sort();
    expect(
      await keysOf({
        InstanceTypes: ['m5.large', 'm5.xlarge'],
        AvailabilityZone: 'us-east-1b',
        ProductDescriptions: ['Linux/UNIX'],
      }),
    ).toEqual(['m5.large us-east-1b Linux/UNIX', 'm5.xlarge us-east-1b Linux/UNIX']);
    expect(
      await keysOf({
        Filters: [
          { Name: 'instance-type', Values: ['m5.2*'] },
          { Name: 'availability-zone', Values: ['us-east-1a', 'us-east-1c'] },
          { Name: 'product-description', Values: ['Windows (Amazon VPC)'] },
        ],
      }),
    ).toEqual(['m5.2xlarge us-east-1a Windows', 'm5.2xlarge us-east-1c Windows']);
    expect(await keysOf({ InstanceTypes: ['p5.48xlarge'] })).toEqual([]);
  });

  it.each([20, 90])('moves no record between pages of %i days while the clock runs', async days => {
    let nowMs = NOW_MS;
    const clock = (): number => {
      nowMs += MS_PER_HOUR;
      return nowMs;
    };
    const client = connect(await start({ clock }));
    const firstPageMs = NOW_MS + MS_PER_HOUR;
    const startMs = firstPageMs - days * MS_PER_DAY;
    const rows = received(await readAll(client, { StartTime: new Date(startMs), MaxResults: 100 }));
    const wanted = expected(market.pools(), pool => [
      ...(days < 90 ? [market.recordInForce(pool, startMs)] : []),
      ...market.recordsBetween(pool, startMs, firstPageMs + 1),
    ]);
    expect(inAnyOrder(rows)).toEqual(inAnyOrder(wanted));
  });

  it('ends with an empty token and with none, in turn', async () => {
    const client = connect(await start());
    const last = (): Promise<{ NextToken?: string | undefined }> =>
      client.send(new DescribeSpotPriceHistoryCommand({ StartTime: new Date(NOW_MS), MaxResults: 1000 }));
    expect((await last()).NextToken).toBe('');
    expect((await last()).NextToken).toBeUndefined();
  });

  it.each<[string, DescribeSpotPriceHistoryCommandInput]>([
    ['MaxResults', { MaxResults: 1001 }],
    ['MaxResults', { MaxResults: 0 }],
    ['nextToken', { NextToken: 'made-up' }],
    ['EndTime', { StartTime: new Date(NOW_MS), EndTime: new Date(NOW_MS - 1) }],
    ['us-east-1z', { AvailabilityZone: 'us-east-1z' }],
    ['colour', { Filters: [{ Name: 'colour', Values: ['red'] }] }],
  ])('refuses a bad %s as InvalidParameterValue: %o', async (named, input) => {
    const client = connect(await start());
    const refusal = client.send(new DescribeSpotPriceHistoryCommand(input));
    await expect(refusal).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining(named),
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('refuses the token of another question', async () => {
    const client = connect(await start());
    const first = await client.send(new DescribeSpotPriceHistoryCommand({ MaxResults: 5 }));
    const other = { MaxResults: 5, NextToken: first.NextToken, InstanceTypes: ['m5.large' as const] };
    await expect(client.send(new DescribeSpotPriceHistoryCommand(other))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  it('refuses a start time that is no time', async () => {
    const endpoint = await start();
    const response = await fetch(endpoint.url, {
      method: 'POST',
      headers: {
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIAPRETEND/20261123/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: 'Action=DescribeSpotPriceHistory&Version=2016-11-15&StartTime=yesterday',
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/<Code>InvalidParameterValue<\/Code><Message>.*yesterday/);
  });
});

describe('the other actions', () => {
  it('names the zones with their ids, which are not in the order of the names', async () => {
    const client = connect(await start());
    const { AvailabilityZones } = await client.send(new DescribeAvailabilityZonesCommand({}));
    expect(AvailabilityZones?.map(zone => [zone.ZoneName, zone.ZoneId, zone.State])).toEqual([
      ['us-east-1a', 'use1-az2', 'available'],
      ['us-east-1b', 'use1-az3', 'available'],
      ['us-east-1c', 'use1-az1', 'available'],
    ]);
    const { Regions } = await client.send(new DescribeRegionsCommand({}));
    expect(Regions?.map(region => region.RegionName)).toEqual(['us-east-1']);
  });

  it('pages through the instance types of the catalog', async () => {
    const client = connect(await start());
    const seen = [];
    for await (const page of paginateDescribeInstanceTypes({ client }, { MaxResults: 20 })) {
      seen.push(...(page.InstanceTypes ?? []));
    }
    expect(
      seen.map(type => [type.InstanceType, type.VCpuInfo?.DefaultVCpus, type.MemoryInfo?.SizeInMiB]),
    ).toEqual(catalog.types.map(type => [type.instanceType, type.vcpu, type.memoryMib]));
    const gpu = seen.find(type => type.InstanceType === 'g4dn.xlarge');
    expect(gpu?.GpuInfo?.Gpus?.[0]?.Count).toBe(1);
    expect(gpu?.ProcessorInfo?.SupportedArchitectures).toEqual(['x86_64']);
  });
});

describe('the gate', () => {
  const ask = new DescribeRegionsCommand({});

  it('throttles with RequestLimitExceeded when the bucket is empty', async () => {
    const endpoint = await start({ bucket: { capacity: 3, refillPerSecond: 0 } });
    const client = connect(endpoint);
    for (let n = 0; n < 3; n++) await client.send(ask);
    await expect(client.send(ask)).rejects.toMatchObject({
      name: 'RequestLimitExceeded',
      $metadata: { httpStatusCode: 503 },
    });
    expect([endpoint.requests(), endpoint.throttled()]).toEqual([4, 1]);
  });

  it('throttles every third request, which a client with attempts left retries without anybody noticing', async () => {
    const endpoint = await start({ throttleEveryNth: 3 });
    const client = connect(endpoint, { maxAttempts: 3 });
    for (let n = 0; n < 4; n++) await client.send(ask);
    expect([endpoint.requests(), endpoint.throttled()]).toEqual([5, 1]);
  });

  it('refuses an unknown access key, and a signature for another region', async () => {
    const endpoint = await start({ accessKeyIds: ['AKIAKNOWN'] });
    const unknown = connect(endpoint);
    const refusal = { name: 'AuthFailure', $metadata: { httpStatusCode: 401 } };
    await expect(unknown.send(ask)).rejects.toMatchObject(refusal);
    const credentials = { accessKeyId: 'AKIAKNOWN', secretAccessKey: 'secret' };
    await expect(connect(endpoint, { credentials }).send(ask)).resolves.toBeDefined();
    await expect(connect(endpoint, { credentials, region: 'eu-west-1' }).send(ask)).rejects.toMatchObject(
      refusal,
    );
    expect((await fetch(endpoint.url, { method: 'POST', body: 'Action=DescribeRegions' })).status).toBe(401);
  });

  it('refuses a denied action and an unknown one', async () => {
    const endpoint = await start({ deniedActions: ['DescribeSpotPriceHistory'] });
    const client = connect(endpoint);
    await expect(client.send(new DescribeSpotPriceHistoryCommand({}))).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(client.send(ask)).resolves.toBeDefined();
    const authorization =
      'AWS4-HMAC-SHA256 Credential=A/20261123/us-east-1/ec2/aws4_request, SignedHeaders=host';
    const reply = await fetch(endpoint.url, {
      method: 'POST',
      headers: { authorization },
      body: 'Action=toString',
    });
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain('<Code>InvalidAction</Code>');
  });
});
