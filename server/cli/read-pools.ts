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

/** What files of prices hold. */
export type ReadPrices = Awaited<ReturnType<typeof readArchives>>;

/** For which pools a forecaster is, and what it looks at. */
interface Subject {
  readonly forecaster: Pick<Forecaster, 'features'>;
  isInScope(pool: Pool): boolean;
  readonly scopeText: string;
}

/**
 * Prices of files with what the catalog of the program knows of their instance types.
 * @throws AppError as `readArchives`, and `input.invalid` when no pool is left
 */
export async function readPools(
  flags: PriceFlags,
  subject: Subject,
  signal: AbortSignal,
  line: ProgressLine,
): Promise<{ market: MarketSlice; notes: string[] }> {
  return poolsOf(await readPrices(flags, signal, line), flags, subject);
}

/** All prices of the product, also of pools that a model is not for: which these are may be known only later. @throws AppError as `readArchives` */
export function readPrices(
  flags: PriceFlags,
  signal: AbortSignal,
  line: { show(text: string): void },
): Promise<ReadPrices> {
  const { region, product, upToDamage } = flags;
  const zones = flags.zones === undefined ? undefined : parseZones(flags.zones);
  return readArchives(
    flags.prices,
    {
      ...{ region, product, zones, upToDamage },
      wanted: pool => pool.product === product,
      nowMs: systemClock.now(),
    },
    signal,
    ({ file, readBytes, totalBytes, records }) =>
      line.show(
        `${file}: ${formatBytes(readBytes)} of ${formatBytes(totalBytes)}, ${records.toLocaleString('en-US')} prices`,
      ),
  );
}

/** Those pools that are tested, and the others where features look at them. @throws AppError `input.invalid` when none is left */
export async function poolsOf(
  { series, files, otherPools }: ReadPrices,
  { product, type, data }: PriceFlags,
  { forecaster, isInScope, scopeText }: Subject,
): Promise<{ market: MarketSlice; notes: string[] }> {
  const types = new Set(type);
  const isTested = (pool: Pool) => (types.size === 0 || types.has(pool.instanceType)) && isInScope(pool);
  const pools = series.filter(({ pool }) => isTested(pool));
  if (pools.length === 0) {
    const wish = [product, ...(type ?? [])].join(', ');
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
  const neighbours = lookAtNeighbours(forecaster.features)
    ? series.filter(({ pool }) => !isTested(pool))
    : [];
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
