import { join } from 'node:path';
import { AppError } from '../../common/errors.ts';
import { formatBytes, type Pool } from '../../common/units/index.ts';
import { type BacktestPool, factsFrom } from '../forecasting/index.ts';
import { openCatalogFiles, parseZones, readArchives } from '../market/index.ts';
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
}

/**
 * Prices of files with what the catalog of the program knows of their instance types.
 * @throws AppError as `readArchives`, and `input.invalid` when no pool is left
 */
export async function readPools(
  flags: PriceFlags,
  isInScope: (pool: Pool) => boolean,
  signal: AbortSignal,
  line: ProgressLine,
): Promise<{ pools: BacktestPool[]; notes: string[] }> {
  const types = new Set(flags.type);
  const wanted = (pool: Pool) =>
    pool.product === flags.product && (types.size === 0 || types.has(pool.instanceType)) && isInScope(pool);
  const { region, product, upToDamage } = flags;
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
  if (series.length === 0) {
    const others = `the files hold ${otherPools.toLocaleString('en-US')} pools, none of them of ${product}`;
    throw new AppError('input.invalid', `No pool can be tested: ${others} that was asked for.`, {
      hint: 'Compare the regions and types in the files with those of the model and of --product and --type.',
    });
  }
  const { catalog } = await openCatalogFiles({
    snapshotFile: join(resources, 'snapshot.json'),
    // Nothing that an engine has learned: the same files give the same figures everywhere.
    folder: join(resources, 'none'),
    clock: systemClock,
    log: createLog('silent'),
  });
  const factsOf = factsFrom({ catalog });
  const notes = files.flatMap(({ file, leftOut }) =>
    leftOut.map(({ count, reason }) => `${file}: ${count} rows were left out because ${reason}.`),
  );
  return { pools: series.map(each => ({ ...each, facts: factsOf(each.pool) })), notes };
}
