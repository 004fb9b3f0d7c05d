import type { Provenance } from '../../common/contracts/index.ts';
import type { Pool } from '../../common/units/index.ts';
import type { MarketOfForecasts } from './forecast-parts.ts';

/** How often instances of a pool are interrupted, and who says so. */
export interface InterruptionRisk {
  readonly maxPercentPerMonth: number;
  readonly provenance: Provenance;
}

/** Upper end of the advisor's band; `undefined` where it is unknown. The advisor speaks of Linux alone. */
export function interruptionRisk({ catalog }: MarketOfForecasts, pool: Pool): InterruptionRisk | undefined {
  if (pool.product !== 'Linux/UNIX') return undefined;
  const maxPercentPerMonth = catalog.interruptionMaxPercent(pool.region, pool.instanceType);
  return maxPercentPerMonth === undefined
    ? undefined
    : { maxPercentPerMonth, provenance: catalog.riskProvenance };
}
