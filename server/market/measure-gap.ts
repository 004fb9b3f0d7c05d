import type { GapAnalysis, PoolHole } from '../../common/contracts/index.ts';
import { MS_PER_DAY, type Pool, poolKey } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { CoverageStore } from './coverage-store.ts';
import { analyzeGap, type Gap, type Held, type Need, reachOf, USUAL_ROWS_PER_POOL_DAY } from './gap.ts';
import { type IntervalSet, intersectionOf, lengthOf, unionOf } from './intervals.ts';
import { SilenceWatch } from './pool-silences.ts';
import type { PoolStore } from './pool-store.ts';
import { visitRecords } from './price-rows.ts';
import { LONGEST_SILENCE_MS } from './step-function.ts';

const HOLES_SHOWN = 200;
/** Less time of pools than this says little about how often they change. */
const POOL_DAYS_TO_MEASURE = 30;

export interface GapParts {
  readonly database: Database;
  readonly pools: PoolStore;
  readonly coverage: CoverageStore;
}

/** What is needed and not covered. Reads no prices, so that a fill can ask at every start. */
export async function measureGap(parts: GapParts, need: Need, nowMs: number): Promise<Gap> {
  return analyzeGap(need, nowMs, asAsked(need, await heldFor(parts, need)));
}

/**
 * As `measureGap`, and what the records say: holes and retired pools within covered time, and how many rows a pool
 * really has in a day, on which the estimates then rest. Reads the window once, a stretch at a time.
 */
export async function examineGap(parts: GapParts, need: Need, nowMs: number): Promise<GapAnalysis> {
  const heldOf = await heldFor(parts, need);
  const reachMs = reachOf(nowMs);
  const held = { total: 0, withHoles: 0, retired: 0, bornLater: 0 };
  const holes: PoolHole[] = [];
  let [rows, poolDays] = [0, 0];
  for (const region of need.scope.regions) {
    for (const product of need.scope.products) {
      for (const { instanceTypes, covered } of heldOf(region, product).types) {
        const window = intersectionOf(covered, [{ fromMs: need.fromMs, toMs: Math.min(need.toMs, nowMs) }]);
        const pools = await parts.pools.list({
          regions: [region],
          products: [product],
          instanceTypes: [...instanceTypes],
        });
        held.total += pools.length;
        if (window.length === 0 || pools.length === 0) continue;
        const names = new Map(pools.map(({ id, pool }) => [id, pool]));
        const found = await watchPools(parts.database, [...names.keys()], window);
        rows += found.rows;
        poolDays += (pools.length * lengthOf(window)) / MS_PER_DAY;
        for (const silence of found.silences) {
          held.withHoles += silence.holes.length > 0 ? 1 : 0;
          held.retired += silence.retiredAtMs === null ? 0 : 1;
          held.bornLater += silence.bornAtMs === null ? 0 : 1;
          const pool = poolKey(names.get(silence.id) as Pool);
          for (const hole of silence.holes) holes.push({ pool, ...hole, fillable: hole.fromMs >= reachMs });
        }
      }
    }
  }
  const density = poolDays < POOL_DAYS_TO_MEASURE ? USUAL_ROWS_PER_POOL_DAY : rows / poolDays;
  return {
    ...analyzeGap(need, nowMs, asAsked(need, heldOf), density),
    pools: held,
    holes: holes.slice(0, HOLES_SHOWN),
    holesTotal: holes.length,
  };
}

type HeldOf = (region: string, product: string) => Held;

/** What counts as held: nothing where somebody asks again for what is on disk. */
function asAsked({ again, scope }: Need, heldOf: HeldOf): HeldOf {
  if (again !== true) return heldOf;
  return (region, product) => ({
    types: [{ instanceTypes: scope.instanceTypes, covered: [] }],
    pools: heldOf(region, product).pools,
  });
}

async function heldFor({ pools, coverage }: GapParts, { scope }: Need): Promise<HeldOf> {
  const known = new Map<string, Held>();
  for (const region of scope.regions) {
    for (const product of scope.products) {
      const types = await coverage.byTypes(region, product, scope.instanceTypes);
      const sold = await pools.list({
        regions: [region],
        products: [product],
        instanceTypes: scope.instanceTypes,
      });
      known.set(`${region} ${product}`, { types, pools: sold.length });
    }
  }
  return (region, product) => known.get(`${region} ${product}`) ?? { types: [], pools: 0 };
}

async function watchPools(database: Database, ids: readonly number[], window: IntervalSet) {
  const watch = new SilenceWatch(window);
  // What was said shortly before a window opens is in force within it.
  const read = unionOf(window.map(({ fromMs, toMs }) => ({ fromMs: fromMs - LONGEST_SILENCE_MS, toMs })));
  let rows = 0;
  for (const interval of read) {
    await visitRecords(database, ids, interval, (id, atS) => {
      watch.add(id, atS);
      rows++;
    });
  }
  return { rows, silences: watch.end(ids) };
}
