import { setTimeout as pause } from 'node:timers/promises';
import type { DescribeSpotPriceHistoryCommandOutput, EC2Client, SpotPrice } from '@aws-sdk/client-ec2';
import { microUsdFromUsd } from '../../../common/units/index.ts';
import type { Clock } from '../../platform/index.ts';
import { AdaptiveRate, ec2RateLimits } from '../adaptive-rate.ts';
import type { FillSlice } from '../fill-plan.ts';
import { ROWS_PER_PAGE } from '../gap.ts';
import type { PriceRecord } from '../price-store.ts';
import { ec2Failure } from './ec2-failure.ts';
import type { PricePage, SpotPriceSource } from './spot-price-source.ts';

/** Keys given by hand; left out, the SDK's default chain finds them. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Ec2SourceOptions {
  readonly endpoint?: string;
  readonly credentials?: AwsCredentials;
}

/** A request is tried this often before the fill gives up; refusals for pace do not count. */
const MAX_TRIES = 5;
const RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** Suffix of products until 2022. */
const VPC_SUFFIX = ' (Amazon VPC)';

/** Spot price history from EC2 through the AWS SDK, with pacing of its own: the SDK's retries would hide throttling. */
export class Ec2Source implements SpotPriceSource {
  readonly #options: Ec2SourceOptions;
  readonly #clock: Clock;
  readonly #rate = new AdaptiveRate(ec2RateLimits);
  readonly #clients = new Map<string, Promise<EC2Client>>();
  #requests = 0;
  #throttled = 0;

  constructor(options: Ec2SourceOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  get pace() {
    return { requests: this.#requests, throttled: this.#throttled, perSecond: this.#rate.perSecond };
  }

  async *pages(
    slice: FillSlice & { instanceTypes: readonly string[] },
    signal: AbortSignal,
  ): AsyncIterable<PricePage> {
    let nextToken: string | undefined;
    do {
      const output = await this.#page(slice, nextToken, signal);
      yield readPage(slice.region, output.SpotPriceHistory ?? []);
      // The end is an absent token or, as recorded from EC2 itself, an empty one.
      nextToken = output.NextToken === '' ? undefined : output.NextToken;
    } while (nextToken !== undefined);
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    for (const client of this.#clients.values()) (await client).destroy();
    this.#clients.clear();
  }

  async #page(
    slice: FillSlice & { instanceTypes: readonly string[] },
    nextToken: string | undefined,
    signal: AbortSignal,
  ): Promise<DescribeSpotPriceHistoryCommandOutput> {
    const { DescribeSpotPriceHistoryCommand } = await import('@aws-sdk/client-ec2');
    const client = await this.#client(slice.region);
    for (let tries = 1; ; ) {
      signal.throwIfAborted();
      const waitMs = this.#rate.reserve(this.#clock.now());
      if (waitMs > 0) await pause(waitMs, undefined, { signal });
      this.#requests++;
      try {
        const output = await client.send(
          new DescribeSpotPriceHistoryCommand({
            StartTime: new Date(slice.fromMs),
            EndTime: new Date(slice.toMs),
            ProductDescriptions: [slice.product],
            MaxResults: ROWS_PER_PAGE,
            ...(slice.instanceTypes.length > 0 ? { InstanceTypes: slice.instanceTypes as never } : {}),
            ...(nextToken === undefined ? {} : { NextToken: nextToken }),
          }),
          { abortSignal: signal },
        );
        this.#rate.succeeded();
        return output;
      } catch (error) {
        signal.throwIfAborted();
        const failure = ec2Failure(error, { region: slice.region, endpoint: this.#options.endpoint });
        if (failure.kind === 'throttled') {
          this.#throttled++;
          this.#rate.refused(this.#clock.now());
          continue;
        }
        if (failure.kind === 'final' || tries >= MAX_TRIES) throw failure.error;
        await pause(Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** tries), undefined, { signal });
        tries++;
      }
    }
  }

  #client(region: string): Promise<EC2Client> {
    const known = this.#clients.get(region);
    if (known !== undefined) return known;
    const { endpoint, credentials } = this.#options;
    // Imported at the first fill: it is heavy, and a start needs none of it.
    const client = import('@aws-sdk/client-ec2').then(
      ({ EC2Client: Client }) =>
        new Client({
          region,
          maxAttempts: 1,
          ...(endpoint === undefined ? {} : { endpoint }),
          ...(credentials === undefined ? {} : { credentials }),
        }),
    );
    this.#clients.set(region, client);
    return client;
  }
}

function readPage(region: string, items: readonly SpotPrice[]): PricePage {
  const records: PriceRecord[] = [];
  let refusedPrices = 0;
  for (const { AvailabilityZone, InstanceType, ProductDescription, SpotPrice: text, Timestamp } of items) {
    const price = text === undefined ? undefined : microUsdFromUsd(text);
    if (!price || !AvailabilityZone || !InstanceType || !ProductDescription || !Timestamp) {
      refusedPrices++;
      continue;
    }
    const product: string = ProductDescription;
    records.push({
      region,
      availabilityZone: AvailabilityZone,
      instanceType: InstanceType,
      product: product.endsWith(VPC_SUFFIX) ? product.slice(0, -VPC_SUFFIX.length) : product,
      atMs: Timestamp.getTime(),
      priceMicroUsdPerHour: price,
    });
  }
  return { records, refusedPrices };
}
