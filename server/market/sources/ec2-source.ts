import { setTimeout as pause } from 'node:timers/promises';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Ec2Access } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { MS_PER_SECOND } from '../../../common/units/index.ts';
import { type Clock, traceAwsClient } from '../../platform/index.ts';
import { AdaptiveRate, ec2RateLimits, type RateLimits } from '../adaptive-rate.ts';
import { ROWS_PER_PAGE } from '../gap.ts';
import { ec2Failure } from './ec2-failure.ts';
import { fetchPricePage } from './fetch-price-page.ts';
import { PoolNames } from './pool-names.ts';
import type { ScannedPage } from './scan-price-page.ts';
import type { PricePage, PriceQuestion, SpotPriceSource } from './spot-price-source.ts';

/** Keys given by hand; left out, the SDK's default chain finds them. */
interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Ec2SourceOptions {
  readonly endpoint?: string | undefined;
  readonly credentials?: AwsCredentials | undefined;
  /** Profile of the shared AWS files, whose keys, single sign-on or `role_arn` are used; else that of the environment. */
  readonly profile?: string | undefined;
  /** Who reads pages: a scanner of bytes, with the SDK where that gives up, or (for comparison) the SDK alone. */
  readonly reader?: 'bytes' | 'sdk';
}

/** A request is tried this often before the fill gives up; refusals for pace are counted apart. */
const MAX_TRIES = 5;
/** Refusals of one request in a row: with the pauses between them about two minutes. */
const MAX_REFUSALS = 16;
const RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;
/** EC2 answers a page within a second; a connection that went dead says nothing for ever. */
const ANSWER_WITHIN_MS = 30_000;
/** Somebody waits for the answer. */
const CHECK_WITHIN_MS = 10_000;

const STATES: Readonly<Record<string, Ec2Access['state']>> = {
  'market.credentials-missing': 'missing',
  'market.credentials-refused': 'refused',
  'market.unreachable': 'unreachable',
};

/** Spot price history from EC2 through the AWS SDK, with pacing of its own: the SDK's retries would hide throttling. */
export class Ec2Source implements SpotPriceSource {
  readonly #options: Ec2SourceOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #rate: AdaptiveRate;
  readonly #clients = new Map<string, Promise<EC2Client>>();
  readonly #names = new Map<string, PoolNames>();
  #requests = 0;
  #throttled = 0;

  /** @param random 0…1, spreads retries so that several do not meet again */
  constructor(
    options: Ec2SourceOptions,
    clock: Clock,
    random: () => number = Math.random,
    limits: RateLimits = ec2RateLimits,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#rate = new AdaptiveRate(limits);
  }

  get pace() {
    return { requests: this.#requests, throttled: this.#throttled, perSecond: this.#rate.perSecond };
  }

  async *pages(question: PriceQuestion, signal: AbortSignal): AsyncIterable<PricePage> {
    const left = new AbortController();
    const either = AbortSignal.any([signal, left.signal]);
    let coming: Promise<ScannedPage> | undefined = this.#page(question, undefined, either);
    try {
      while (coming) {
        const { batch, refusedPrices, nextToken }: ScannedPage = await coming;
        // On its way while this one is stored.
        coming = nextToken === undefined ? undefined : this.#page(question, nextToken, either);
        // It is told when its turn comes; until then nobody waits for it.
        coming?.catch(() => undefined);
        yield { batch, refusedPrices, isLast: coming === undefined };
      }
    } finally {
      left.abort();
    }
  }

  /** Asks for the last price of one common type, to tell whether EC2 answers these credentials. */
  async access(region: string): Promise<Ec2Access> {
    const endpoint = this.#options.endpoint ?? null;
    const toMs = Math.floor(this.#clock.now() / MS_PER_SECOND) * MS_PER_SECOND;
    const question = { region, product: 'Linux/UNIX', instanceTypes: ['m5.large'] };
    try {
      await this.#send(
        { ...question, fromMs: toMs - MS_PER_SECOND, toMs },
        undefined,
        AbortSignal.timeout(CHECK_WITHIN_MS),
      );
    } catch (error) {
      const failure = ec2Failure(error, { region, endpoint: this.#options.endpoint });
      // Who is slowed down was let in.
      if (failure.kind !== 'throttled') {
        const { code, message, hint } = failure.error;
        const state = failure.kind === 'passing' ? 'unreachable' : (STATES[code] ?? 'refused');
        return { region, endpoint, state, message, hint };
      }
    }
    return { region, endpoint, state: 'ready', message: `EC2 in ${region} answers.`, hint: null };
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    for (const client of this.#clients.values()) (await client).destroy();
    this.#clients.clear();
  }

  async #page(
    question: PriceQuestion,
    nextToken: string | undefined,
    signal: AbortSignal,
  ): Promise<ScannedPage> {
    let refusals = 0;
    for (let tries = 1; ; ) {
      signal.throwIfAborted();
      const waitMs = this.#rate.reserve(this.#clock.now());
      if (waitMs > 0) await pause(waitMs, undefined, { signal });
      this.#requests++;
      try {
        const output = await this.#send(question, nextToken, signal);
        this.#rate.succeeded();
        return output;
      } catch (error) {
        signal.throwIfAborted();
        const failure = ec2Failure(error, { region: question.region, endpoint: this.#options.endpoint });
        if (failure.kind === 'throttled') {
          this.#throttled++;
          this.#rate.refused(this.#clock.now());
          if (++refusals > MAX_REFUSALS) throw tooManyRefusals(question.region, error);
        } else if (failure.kind === 'final' || ++tries > MAX_TRIES) throw failure.error;
        // "Full jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        const longestMs = Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** (refusals + tries - 1));
        await pause(longestMs * this.#random(), undefined, { signal });
      }
    }
  }

  async #send(
    { region, product, instanceTypes, fromMs, toMs }: PriceQuestion,
    nextToken: string | undefined,
    signal: AbortSignal,
  ): Promise<ScannedPage> {
    const input = {
      StartTime: new Date(fromMs),
      // EC2 counts the end in.
      EndTime: new Date(toMs - MS_PER_SECOND),
      ProductDescriptions: [product],
      MaxResults: ROWS_PER_PAGE,
      ...(instanceTypes.length > 0 ? { InstanceTypes: instanceTypes as never } : {}),
      ...(nextToken === undefined ? {} : { NextToken: nextToken }),
    };
    const client = await this.#client(region);
    const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    return fetchPricePage(client, input, this.#namesOf(region), this.#options.reader ?? 'bytes', patience);
  }

  #namesOf(region: string): PoolNames {
    let names = this.#names.get(region);
    if (!names) {
      names = new PoolNames(region);
      this.#names.set(region, names);
    }
    return names;
  }

  #client(region: string): Promise<EC2Client> {
    const known = this.#clients.get(region);
    if (known !== undefined) return known;
    const { endpoint, credentials, profile } = this.#options;
    // Imported at the first fill: it is heavy, and a start needs none of it.
    const client = import('@aws-sdk/client-ec2').then(({ EC2Client: Client }) =>
      traceAwsClient(
        new Client({
          region,
          maxAttempts: 1,
          ...(endpoint === undefined ? {} : { endpoint }),
          ...(credentials === undefined ? {} : { credentials }),
          ...(profile === undefined ? {} : { profile }),
        }),
        'ec2',
        region,
      ),
    );
    this.#clients.set(region, client);
    return client;
  }
}

function tooManyRefusals(region: string, cause: unknown): AppError {
  return new AppError(
    'market.unreachable',
    `EC2 in ${region} refused a request ${MAX_REFUSALS} times in a row because of too many requests.`,
    {
      cause,
      hint: 'Something else uses up the request rate of this account; fill again later, it goes on from there.',
    },
  );
}
