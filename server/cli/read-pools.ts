import { join } from 'node:path';
import { AppError } from '../../common/errors.ts';
import { formatBytes, type Pool } from '../../common/units/index.ts';
import { type Forecaster, factsFrom, lookAtNeighbours, type MarketSlice } from '../forecasting/index.ts';
import { type Catalog, openCatalogFiles, parseZones, readArchives } from '../market/index.ts';
import { createLog, systemClock } from '../platform/index.ts';
import type { ProgressLine } from './progress-line.ts';

const resources = join(import.meta.dirname, '..', '..', 'resources', 'catalog');

export interface PriceFlags {
  readonly prices: readonly string[];
  readonly product: string;
  readonly type?: readonly string[];
  readonly region?: string;
  readonly zones?: string;
  readonly upToDamage?: boolean;
  readonly data?: string;
}

/**
 * Prices of files with what the catalog of the program knows of their instance types.
 * @throws AppError as `readArchives`, and `input.invalid` when no pool is left
 */
export async function readPools(
  flags: PriceFlags,
  {
    forecaster,
    isInScope,
    scopeText,
  }: {
    readonly forecaster: Pick<Forecaster, 'features'>;
    isInScope(pool: Pool): boolean;
    readonly scopeText: string;
  },
  signal: AbortSignal,
  line: ProgressLine,
): Promise<{ market: MarketSlice; notes: string[] }> {
  const types = new Set(flags.type);
  const isTested = (pool: Pool) =>
    pool.product === flags.product && (types.size === 0 || types.has(pool.instanceType)) && isInScope(pool);
  // A feature may look at pools that are not tested.
  const needsNeighbours = lookAtNeighbours(forecaster.features);
  const wanted = (pool: Pool) => (needsNeighbours ? pool.product === flags.product : isTested(pool));
  const { region, product, upToDamage, data } = flags;
  const zones = flags.zones === undefined ? undefined : parseZones(flags.zones);
  const { series, files, otherPools } = await readArchives(
    flags.prices,
    { region, product, zones, upToDamage, wanted, nowMs: systemClock.now() },
    signal,
    ({ file, readBytes, totalBytes, records }) =>
      line.show(
        `${file}: ${formatBytes(readBytes)} of ${formatBytes(totalBytes)}, ${records.toLocaleString('en-US')} prices`,
      ),
  );
  const pools = series.filter(({ pool }) => isTested(pool));
  if (pools.length === 0) {
    const wish = [product, ...(flags.type ?? [])].join(', ');
    throw new AppError(
      'input.invalid',
      `None of the ${(otherPools + series.length).toLocaleString('en-US')} pools in the files can be tested: asked for are ${wish}; the model is for ${scopeText} pools.`,
      { hint: 'Give prices of the regions and types of the model, or another --product or --type.' },
    );
  }
  const factsOf = factsFrom({ catalog: await openProgramCatalog(data) });
  const notes = files.flatMap(({ file, leftOut }) =>
    leftOut.map(({ count, reason }) => `${file}: ${count} rows were left out because ${reason}.`),
  );
  const neighbours = series.filter(({ pool }) => !isTested(pool));
  return { market: { pools, neighbours, factsOf }, notes };
}

/** The catalog that comes with the program; what an engine has learned only where its folder is named, so that the same files give the same figures everywhere. */
export async function openProgramCatalog(data: string | undefined): Promise<Catalog> {
  const { catalog } = await openCatalogFiles({
    snapshotFile: join(resources, 'snapshot.json'),
    folder: data === undefined ? join(resources, 'none') : join(data, 'catalog'),
    clock: systemClock,
    log: createLog('silent'),
  });
  return catalog;
}
