import type { Pool } from '../../common/units/index.ts';
import { MICRO_USD_PER_USD, MS_PER_DAY } from '../../common/units/index.ts';
import type { ActionContext } from './action-context.ts';
import { invalidParameterValue } from './ec2-error.ts';
import { fingerprint, readPageToken, writePageToken } from './page-token.ts';
import { matchesFilter, type QueryFilter, type QueryParameters } from './query-parameters.ts';
import {
  cutSpotPricePage,
  firstPageStart,
  type PooledRecord,
  type SpotPriceWindow,
} from './spot-price-page.ts';
import { escapeXml } from './xml.ts';

/** EC2 keeps this much Spot price history. */
const SPOT_HISTORY_KEPT_MS = 90 * MS_PER_DAY;
const MOST_RECORDS = 1000;

/**
 * DescribeSpotPriceHistory: newest first over all pools asked for, at most 90 days back, with the record in force at
 * StartTime as EC2 gives it (unless it is older than 90 days: a recorded full pull of 90 days holds none older). The
 * first page fixes the window in its token, so time that passes while paging moves nothing.
 */
export function describeSpotPriceHistory(parameters: QueryParameters, context: ActionContext): string {
  const maxRecords = parameters.wholeNumber('MaxResults', { min: 1, max: MOST_RECORDS }) ?? MOST_RECORDS;
  const filters = parameters.filters();
  const pools = askedPools(parameters, filters, context);
  const recordFilters = filters.filter(filter => filter.name === 'timestamp' || filter.name === 'spot-price');
  const question = questionOf(parameters, filters);

  const tokenText = parameters.text('NextToken');
  const token = tokenText ? readPageToken(tokenText, question) : undefined;
  const pinned = token ?? freshWindow(parameters, context.nowMs);
  const window: SpotPriceWindow = {
    market: context.market,
    pools,
    oldestMs: pinned.oldestMs,
    startMs: pinned.startMs,
    endMs: pinned.endMs,
    accepts: record => recordFilters.every(filter => matchesRecord(filter, record)),
  };
  const page = cutSpotPricePage(window, token ?? firstPageStart(window), maxRecords);
  const items = page.records.map(record => itemXml(record, pools, context.zoneIds)).join('');
  const mark = page.next
    ? `<nextToken>${writePageToken({ question, ...windowOf(pinned), ...page.next })}</nextToken>`
    : context.lastPageMark();
  return `<spotPriceHistorySet>${items}</spotPriceHistorySet>${mark}`;
}

function questionOf(parameters: QueryParameters, filters: readonly QueryFilter[]): string {
  const lists = ['InstanceType', 'ProductDescription'].map(name => parameters.list(name));
  const zone = [parameters.text('AvailabilityZone'), parameters.text('AvailabilityZoneId')];
  return fingerprint(JSON.stringify([filters, lists, zone]));
}

interface PinnedWindow {
  readonly oldestMs: number;
  readonly startMs: number;
  readonly endMs: number;
}

function windowOf({ oldestMs, startMs, endMs }: PinnedWindow): PinnedWindow {
  return { oldestMs, startMs, endMs };
}

function freshWindow(parameters: QueryParameters, nowMs: number): PinnedWindow {
  const oldestMs = nowMs - SPOT_HISTORY_KEPT_MS;
  const askedStartMs = parameters.timeMs('StartTime') ?? oldestMs;
  const askedEndMs = parameters.timeMs('EndTime');
  if (askedEndMs !== undefined && askedEndMs < askedStartMs) {
    throw invalidParameterValue('The StartTime must not be later than the EndTime.');
  }
  const endMs = Math.min(askedEndMs ?? nowMs, nowMs);
  // A client whose clock is ahead still gets the prices in force now.
  return { oldestMs, startMs: Math.min(askedStartMs, endMs), endMs };
}

function askedPools(
  parameters: QueryParameters,
  filters: readonly QueryFilter[],
  context: ActionContext,
): Pool[] {
  const zone = askedZone(parameters, context);
  const types = new Set(parameters.list('InstanceType'));
  const products = new Set(parameters.list('ProductDescription').map(basicProduct));
  const conditions = filters.map(filter => poolCondition(filter, context.zoneIds));
  return context.market
    .pools()
    .filter(
      pool =>
        (zone === undefined || pool.availabilityZone === zone) &&
        (types.size === 0 || types.has(pool.instanceType)) &&
        (products.size === 0 || products.has(basicProduct(pool.product))) &&
        conditions.every(condition => condition(pool)),
    );
}

function askedZone(parameters: QueryParameters, { zoneIds }: ActionContext): string | undefined {
  const id = parameters.text('AvailabilityZoneId');
  const name = parameters.text('AvailabilityZone');
  if (id !== undefined && name !== undefined) {
    throw invalidParameterValue('Specify either AvailabilityZone or AvailabilityZoneId, not both.');
  }
  if (id !== undefined) {
    const found = [...zoneIds].find(([, zoneId]) => zoneId === id);
    if (!found) throw invalidParameterValue(`Invalid availability zone id: [${id}]`);
    return found[0];
  }
  if (name !== undefined && !zoneIds.has(name))
    throw invalidParameterValue(`Invalid availability zone: [${name}]`);
  return name;
}

function poolCondition(filter: QueryFilter, zoneIds: ReadonlyMap<string, string>): (pool: Pool) => boolean {
  switch (filter.name) {
    case 'availability-zone':
      return pool => matchesFilter(filter, pool.availabilityZone);
    case 'availability-zone-id':
      return pool => matchesFilter(filter, zoneIds.get(pool.availabilityZone) ?? '');
    case 'instance-type':
      return pool => matchesFilter(filter, pool.instanceType);
    case 'product-description': {
      const basic = { name: filter.name, values: filter.values.map(basicProduct) };
      return pool => matchesFilter(basic, basicProduct(pool.product));
    }
    case 'spot-price':
    case 'timestamp':
      return () => true;
    default:
      throw invalidParameterValue(`The filter '${filter.name}' is invalid`);
  }
}

function matchesRecord(filter: QueryFilter, record: PooledRecord): boolean {
  const value = filter.name === 'timestamp' ? new Date(record.atMs).toISOString() : priceText(record);
  return matchesFilter(filter, value);
}

/** Since 2022 the suffix is gone from answers; requests may still carry it. */
function basicProduct(product: string): string {
  return product.replace(/ \(Amazon VPC\)$/, '');
}

function priceText(record: PooledRecord): string {
  return (record.priceMicroUsdPerHour / MICRO_USD_PER_USD).toFixed(6);
}

function itemXml(record: PooledRecord, pools: readonly Pool[], zoneIds: ReadonlyMap<string, string>): string {
  const pool = pools[record.poolNumber];
  if (!pool) throw new Error(`No pool has number ${record.poolNumber} of ${pools.length}.`);
  const zoneId = zoneIds.get(pool.availabilityZone) ?? '';
  return `<item><instanceType>${escapeXml(pool.instanceType)}</instanceType><productDescription>${escapeXml(pool.product)}</productDescription><spotPrice>${priceText(record)}</spotPrice><timestamp>${new Date(record.atMs).toISOString()}</timestamp><availabilityZone>${escapeXml(pool.availabilityZone)}</availabilityZone><availabilityZoneId>${escapeXml(zoneId)}</availabilityZoneId></item>`;
}
