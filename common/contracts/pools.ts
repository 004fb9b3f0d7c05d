import { z } from 'zod';
import { procedure } from './procedure.ts';
import { microUsd, microUsdPerHourOrUnknown, poolKeyText, timeMs } from './values.ts';

/** Most pools whose history is shown at once: more than all Linux pools of a large region. */
export const MOST_POOLS_AT_ONCE = 2_000;
/** Most days of a coverage map: two years. */
export const MOST_MAP_DAYS = 731;

/** Places in a list of names, one for each pool. */
const places = z.array(z.number().int());
const prices = z.array(microUsdPerHourOrUnknown);

/** What a pool's last known price is worth now. */
export const poolStates = ['in-force', 'not-newer', 'silent'] as const;
export type PoolState = (typeof poolStates)[number];

/** Every pool on disk, in columns: names once, then a list of figures for each. `null` is "unknown". */
export const poolTable = z.object({
  nowMs: timeMs,
  regions: z.array(z.string()),
  zones: z.array(z.string()),
  products: z.array(z.string()),
  types: z.array(
    z.object({
      instanceType: z.string(),
      vcpu: z.number().nullable(),
      memoryMib: z.number().nullable(),
      arch: z.enum(['amd64', 'arm64']).nullable(),
    }),
  ),
  bands: z
    .array(z.object({ label: z.string(), maxPercent: z.number() }))
    .meta({ description: 'Of the Spot advisor: instances interrupted in 30 days' }),
  region: places,
  zone: places,
  product: places,
  type: places,
  state: places.meta({
    description:
      '0: in force; 1: the last known, newer time is not on disk; 2: silent in time that is on disk, so no longer sold or a hole',
  }),
  lastPrice: z.array(microUsd),
  lastAtMs: z.array(timeMs),
  records: z.array(z.number().int()),
  dayAgo: prices.meta({
    description: 'In force 24 h before the newest record of the region and product; null where none was',
  }),
  weekAgo: prices,
  onDemand: prices.meta({ description: 'List price' }),
  effective: prices.meta({
    description: 'What an on-demand hour is charged at after commitments that have room for it',
  }),
  band: z.array(z.number().int().nullable()),
});
export type PoolTable = z.output<typeof poolTable>;

/** Steps of one pool. The price of a step holds until the next one, but in holes. */
export const priceSteps = z.object({
  pool: poolKeyText,
  atS: z
    .array(z.number().int())
    .meta({ description: 'Seconds since 1970 of the first step, then seconds since the step before' }),
  price: z.array(microUsd),
  holes: z
    .array(z.number().int())
    .meta({ description: 'Begin and end of each hole, seconds since 1970: 2 for each' }),
  records: z.number().int().meta({ description: 'Records behind the steps, repeated prices included' }),
  isThinned: z
    .boolean()
    .meta({ description: 'Within a bucket only first, lowest, highest and last are told' }),
});
export type PriceSteps = z.output<typeof priceSteps>;

export const priceHistories = z.object({
  fromMs: timeMs,
  toMs: timeMs,
  steps: z.array(priceSteps),
  records: z.number().int(),
});
export type PriceHistories = z.output<typeof priceHistories>;

/**
 * What is known of a pool on a day: `h` held; `p` a part of the day is on disk, or rows that nothing vouches for; `n`
 * never asked for; `o` a hole: silent in time on disk, and lived on; `r` retired; `b` not yet born.
 */
export const coverageCells = ['h', 'p', 'n', 'o', 'r', 'b'] as const;
export type CoverageCell = (typeof coverageCells)[number];

/** Pools of one region and product by days. */
export const coverageMap = z.object({
  region: z.string(),
  product: z.string(),
  fromMs: timeMs.meta({ description: 'Midnight UTC of the first day' }),
  days: z.number().int(),
  nowMs: timeMs,
  reachMs: timeMs.meta({ description: 'From here on EC2 still has prices' }),
  zones: z.array(z.string()),
  types: z.array(z.string()),
  zone: places,
  type: places,
  cells: z
    .array(z.string())
    .meta({ description: 'For each pool runs of days: 3n87h is three days never asked for, then 87 held' }),
});
export type CoverageMap = z.output<typeof coverageMap>;

/** Whether EC2 answers the engine. */
export const ec2Access = z.object({
  region: z.string(),
  state: z.enum(['ready', 'missing', 'refused', 'unreachable']),
  endpoint: z.string().nullable().meta({ description: 'null: that of AWS' }),
  message: z.string(),
  hint: z.string().nullable().meta({ description: 'What to do; null when it is ready' }),
});
export type Ec2Access = z.output<typeof ec2Access>;

const timeQuery = z.coerce.number().int();

/** Calls about many pools at once; part of `api.market`. */
export const poolProcedures = {
  poolTable: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/pool-table',
    access: 'viewer',
    tag: 'market',
    summary: 'All pools with price, on-demand price, saving, advice and change, in columns',
    response: poolTable,
  }),
  priceHistories: procedure({
    method: 'POST',
    path: '/api/v1/ml/market/histories',
    access: 'viewer',
    tag: 'market',
    summary: 'Prices of many pools over a window as steps; repeated prices are left out',
    body: z.object({
      pools: z.array(poolKeyText).min(1).max(MOST_POOLS_AT_ONCE),
      fromMs: timeMs,
      toMs: timeMs,
      buckets: z
        .number()
        .int()
        .min(50)
        .max(8_000)
        .default(1_500)
        .meta({ description: 'Stretches of the window in which steps are thinned where there are too many' }),
    }),
    response: priceHistories,
  }),
  coverageMap: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/coverage-map',
    access: 'viewer',
    tag: 'market',
    summary: 'Which days of which pool are on disk, holes and retired pools told apart',
    query: z.object({ region: z.string(), product: z.string(), fromMs: timeQuery, toMs: timeQuery }),
    response: coverageMap,
  }),
  ec2Access: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/ec2-access',
    access: 'operator',
    tag: 'market',
    summary: 'Asks EC2 for one price, to tell whether credentials are there and suffice',
    query: z.object({
      region: z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d+$/, 'a region is written like us-east-1'),
    }),
    response: ec2Access,
  }),
};
