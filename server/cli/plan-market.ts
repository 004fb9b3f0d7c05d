import { type Pool, type PoolKey, poolKey } from '../../common/units/index.ts';
import { type MachineMarket, machineMarket } from '../decisions/index.ts';
import { priceAt } from '../forecasting/index.ts';
import { type Catalog, readArchives } from '../market/index.ts';
import { systemClock } from '../platform/index.ts';
import { ProgressLine } from './progress-line.ts';

const PRODUCT = 'Linux/UNIX';

/** Spot prices in force at one time. */
export interface SpotPrices {
  /** The last record of all files, ms UTC. */
  readonly asOf: number;
  /** micro-USD per hour; a pool that was silent for more than 24.5 h then is absent. */
  readonly of: ReadonlyMap<PoolKey, number>;
}

/**
 * Spot prices of files as of their last record.
 * @throws AppError as `readArchives`
 */
export async function readSpotPrices(paths: readonly string[], signal: AbortSignal): Promise<SpotPrices> {
  const line = new ProgressLine();
  const wanted = ({ product }: Pool) => product === PRODUCT;
  const options = { product: PRODUCT, wanted, nowMs: systemClock.now() };
  const { series } = await readArchives(paths, options, signal, ({ file, records }) =>
    line.show(`${file}: ${records.toLocaleString('en-US')} prices`),
  ).finally(() => line.end());
  const asOf = series.reduce((last, { atMs }) => Math.max(last, atMs.at(-1) ?? 0), 0);
  const known = series.flatMap(records => {
    const price = priceAt(records, asOf);
    return Number.isNaN(price) ? [] : [[poolKey(records.pool), price] as const];
  });
  return { asOf, of: new Map(known) };
}

/** List prices of the catalog, and Spot prices where some are given: what runs on Spot is priced by them. */
export function planMarket(catalog: Catalog, spot: SpotPrices | undefined): MachineMarket {
  return machineMarket(catalog, ({ region, zone, instanceType }) => {
    const price = spot?.of.get(poolKey({ region, availabilityZone: zone, instanceType, product: PRODUCT }));
    if (price !== undefined) return { microUsdPerHour: price };
    return {
      unknown:
        spot === undefined
          ? 'a snapshot has no Spot prices; --prices gives some'
          : `the files have no Spot price of ${instanceType} in ${zone} that still holds at their end`,
    };
  });
}
