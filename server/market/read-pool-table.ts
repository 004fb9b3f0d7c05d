import { setImmediate as turn } from 'node:timers/promises';
import type { PoolTable, PricePoint } from '../../common/contracts/index.ts';
import { poolStates } from '../../common/contracts/index.ts';
import { MS_PER_DAY, type Pool } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';
import type { Catalog } from './catalog/index.ts';
import type { CoverageStore } from './coverage-store.ts';
import type { IntervalSet } from './intervals.ts';
import { Places } from './places.ts';
import type { PoolStore } from './pool-store.ts';
import type { PriceStore } from './price-store.ts';
import { isStillInForce, LONGEST_SILENCE_MS } from './step-function.ts';

/** Commitments are laid over each pool, some thousand at most; others have their turn between. */
const POOLS_AT_ONCE = 200;

interface TableParts {
  readonly pools: PoolStore;
  readonly prices: PriceStore;
  readonly coverage: CoverageStore;
  readonly catalog: Catalog;
  readonly clock: Clock;
}

interface HeldPool {
  readonly id: number;
  readonly pool: Pool;
  readonly records: number;
  readonly last: PricePoint;
}

/** All pools with what is known of each, in columns. Its time grows with pools, not with records. */
export async function readPoolTable(parts: TableParts): Promise<PoolTable> {
  const { catalog, clock } = parts;
  const nowMs = clock.now();
  const held = await heldPools(parts);
  const ago = await pricesAgo(parts.prices, held);
  const coveredOf = await coverageByType(parts.coverage, held);
  const hasCommitments = catalog.commitments() !== null;
  const [regions, zones, products, types, bands] = Array.from({ length: 5 }, () => new Places()) as [
    Places,
    Places,
    Places,
    Places,
    Places,
  ];
  const maxPercents: number[] = [];
  const columns = emptyColumns();
  for (const [index, { id, pool, records, last }] of held.entries()) {
    const { region, availabilityZone, instanceType, product } = pool;
    const listed = catalog.onDemandMicroUsdPerHour(region, instanceType, product) ?? null;
    const band = catalog.interruptionBand(region, instanceType, product);
    const place = band ? bands.of(band.label) : null;
    if (band && place !== null) maxPercents[place] = band.maxPercent;
    columns.region.push(regions.of(region));
    columns.zone.push(zones.of(availabilityZone));
    columns.product.push(products.of(product));
    columns.type.push(types.of(instanceType));
    columns.state.push(poolStates.indexOf(stateOf(last, nowMs, coveredOf(pool))));
    columns.lastPrice.push(last.priceMicroUsdPerHour);
    columns.lastAtMs.push(last.atMs);
    columns.records.push(records);
    columns.dayAgo.push(ago.day.get(id) ?? null);
    columns.weekAgo.push(ago.week.get(id) ?? null);
    columns.onDemand.push(listed);
    columns.effective.push(hasCommitments ? chargedFor(catalog, pool) : listed);
    columns.band.push(place);
    if (index % POOLS_AT_ONCE === 0) await turn();
  }
  return {
    nowMs,
    regions: regions.names,
    zones: zones.names,
    products: products.names,
    types: types.names.map(instanceType => {
      const { vcpu = null, memoryMib = null, arch = null } = catalog.typeOf(instanceType) ?? {};
      return { instanceType, vcpu, memoryMib, arch };
    }),
    bands: bands.names.map((label, place) => ({ label, maxPercent: maxPercents[place] ?? 0 })),
    ...columns,
  };
}

async function heldPools({ pools, prices }: TableParts): Promise<HeldPool[]> {
  const statistics = await prices.counts.byPool();
  const known = (await pools.list({})).flatMap(({ id, pool }) => {
    const counted = statistics.get(id);
    return counted === undefined ? [] : [{ id, pool, atMs: counted.lastAtMs, records: counted.records }];
  });
  const points = await prices.pricesAt(known);
  return known.flatMap(({ id, pool, records }) => {
    const last = points.get(id);
    return last === undefined ? [] : [{ id, pool, records, last }];
  });
}

/** Prices in force 24 h and 7 d before the newest record of each region and product, by number of the pool. */
async function pricesAgo(prices: PriceStore, held: readonly HeldPool[]) {
  const day = new Map<number, number>();
  const week = new Map<number, number>();
  for (const group of Map.groupBy(held, ({ pool }) => `${pool.region} ${pool.product}`).values()) {
    const newestMs = group.reduce((newest, { last }) => Math.max(newest, last.atMs), 0);
    // Of a pool that is silent there is no price to compare with.
    const ids = group.filter(({ last }) => newestMs - last.atMs <= LONGEST_SILENCE_MS).map(({ id }) => id);
    for (const [found, days] of [
      [day, 1],
      [week, 7],
    ] as const) {
      const points = await prices.believedAt(ids, newestMs - days * MS_PER_DAY, LONGEST_SILENCE_MS);
      for (const [id, { priceMicroUsdPerHour }] of points) found.set(id, priceMicroUsdPerHour);
    }
  }
  return { day, week };
}

async function coverageByType(
  coverage: CoverageStore,
  held: readonly HeldPool[],
): Promise<(pool: Pool) => IntervalSet> {
  const covered = new Map<string, IntervalSet>();
  for (const group of Map.groupBy(held, ({ pool }) => `${pool.region} ${pool.product}`).values()) {
    const [first] = group;
    if (!first) continue;
    const { region, product } = first.pool;
    const instanceTypes = [...new Set(group.map(({ pool }) => pool.instanceType))];
    for (const same of await coverage.byTypes(region, product, instanceTypes))
      for (const type of same.instanceTypes) covered.set(`${region} ${product} ${type}`, same.covered);
  }
  return ({ region, product, instanceType }) => covered.get(`${region} ${product} ${instanceType}`) ?? [];
}

function stateOf(last: PricePoint, nowMs: number, covered: IntervalSet): (typeof poolStates)[number] {
  if (nowMs - last.atMs <= LONGEST_SILENCE_MS) return 'in-force';
  return isStillInForce(last, nowMs, covered) ? 'not-newer' : 'silent';
}

/** What an hour of it on demand is charged at after commitments. */
function chargedFor(catalog: Catalog, pool: Pool): number | null {
  const { region, availabilityZone: zone, instanceType, product } = pool;
  const node = { id: 'one', region, zone, instanceType, product, capacityType: 'on-demand' as const };
  const answer = catalog.effective(node);
  return 'unknown' in answer ? null : answer.microUsdPerHour;
}

type Columns = Omit<PoolTable, 'nowMs' | 'regions' | 'zones' | 'products' | 'types' | 'bands'>;

function emptyColumns(): Columns {
  return {
    region: [],
    zone: [],
    product: [],
    type: [],
    state: [],
    lastPrice: [],
    lastAtMs: [],
    records: [],
    dayAgo: [],
    weekAgo: [],
    onDemand: [],
    effective: [],
    band: [],
  };
}
