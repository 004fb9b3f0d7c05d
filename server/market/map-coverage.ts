import { type CoverageMap, MOST_MAP_DAYS } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY, MS_PER_SECOND } from '../../common/units/index.ts';
import type { Clock, Database } from '../platform/index.ts';
import { cellsOf, coveredByDay, type Days, runsOfCells } from './coverage-cells.ts';
import type { CoverageStore } from './coverage-store.ts';
import { reachOf } from './gap.ts';
import { type IntervalSet, intersectionOf } from './intervals.ts';
import type { MapQuery } from './market.ts';
import { Places } from './places.ts';
import { SilenceWatch } from './pool-silences.ts';
import type { PoolStore } from './pool-store.ts';
import { visitRecords } from './price-rows.ts';
import { LONGEST_SILENCE_MS } from './step-function.ts';

interface MapParts {
  readonly database: Database;
  readonly pools: PoolStore;
  readonly coverage: CoverageStore;
  readonly clock: Clock;
}

/** Pools of the same types share what is covered of them, and so one watch. */
interface Group {
  readonly covered: IntervalSet;
  readonly coveredMs: readonly number[];
  readonly watch: SilenceWatch;
}

/**
 * Days by pools of a region and product, each with what is known of it. Reads the records of the window once, a stretch
 * at a time. Days are those of UTC; the present one ends now.
 * @throws AppError `input.invalid` when the window is none or longer than two years
 */
export async function mapCoverage(parts: MapParts, query: MapQuery): Promise<CoverageMap> {
  const { database, pools, coverage, clock } = parts;
  const { region, product } = query;
  const nowMs = clock.now();
  const days = daysOf(query, nowMs);
  const sold = await pools.list({ regions: [region], products: [product] });
  const types = [...new Set(sold.map(({ pool }) => pool.instanceType))];
  const groups = new Map<string, Group>();
  const window = [{ fromMs: days.fromMs, toMs: days.endMs }];
  for (const { instanceTypes, covered } of await coverage.byTypes(region, product, types)) {
    const within = intersectionOf(covered, window);
    const group = {
      covered: within,
      coveredMs: coveredByDay(within, days),
      watch: new SilenceWatch(within),
    };
    for (const type of instanceTypes) groups.set(type, group);
  }

  const places = new Map(sold.map(({ id }, place) => [id, place]));
  const groupOf = sold.map(({ pool }) => groups.get(pool.instanceType));
  const rows = new Uint16Array(sold.length * days.count);
  const read = { fromMs: days.fromMs - LONGEST_SILENCE_MS, toMs: days.endMs };
  await visitRecords(database, [...places.keys()], read, (id, atS) => {
    const place = places.get(id) ?? 0;
    groupOf[place]?.watch.add(id, atS);
    const day = Math.floor((atS * MS_PER_SECOND - days.fromMs) / MS_PER_DAY);
    const cell = place * days.count + day;
    if (day >= 0) rows[cell] = (rows[cell] ?? 0) + 1;
  });

  const [zoneNames, typeNames] = [new Places(), new Places()];
  const map: Pick<CoverageMap, 'zone' | 'type' | 'cells'> = { zone: [], type: [], cells: [] };
  for (const [place, { id, pool }] of sold.entries()) {
    const group = groupOf[place];
    const [silence] = group?.watch.end([id]) ?? [];
    map.zone.push(zoneNames.of(pool.availabilityZone));
    map.type.push(typeNames.of(pool.instanceType));
    if (!group || !silence) continue;
    const rowsOn = (day: number) => rows[place * days.count + day] ?? 0;
    map.cells.push(runsOfCells(cellsOf(silence, group.covered, group.coveredMs, rowsOn, days)));
  }
  return {
    region,
    product,
    fromMs: days.fromMs,
    days: days.count,
    nowMs,
    reachMs: reachOf(nowMs),
    zones: zoneNames.names,
    types: typeNames.names,
    ...map,
  };
}

function daysOf({ fromMs, toMs }: MapQuery, nowMs: number): Days {
  const firstMs = Math.floor(fromMs / MS_PER_DAY) * MS_PER_DAY;
  const endMs = Math.min(toMs, nowMs);
  const count = Math.ceil((endMs - firstMs) / MS_PER_DAY);
  if (count < 1)
    throw new AppError('input.invalid', `fromMs is ${fromMs}, which is not before toMs ${toMs} and now.`);
  if (count > MOST_MAP_DAYS)
    throw new AppError('input.invalid', `The window has ${count} days; at most ${MOST_MAP_DAYS} are shown.`, {
      hint: 'Ask for a shorter window.',
    });
  return { fromMs: firstMs, count, endMs: Math.min(endMs, firstMs + count * MS_PER_DAY) };
}
