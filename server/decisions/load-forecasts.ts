import type { NodeView } from '../../common/contracts/index.ts';
import { type Pool, type PoolKey, poolKey } from '../../common/units/index.ts';
import type { DecisionForecasts, PoolOutlook } from './engines/engine.ts';
import { SPOT_PRODUCT } from './engines/spot/spot-candidates.ts';
import type { PriceForecasts, TypeCatalog } from './neighbours.ts';

/** What is known of every catalog type in the regions and zones where a cluster has nodes, by the model that serves it. */
export async function loadForecasts(
  clusterId: string,
  nodes: readonly NodeView[],
  market: TypeCatalog,
  forecasting: PriceForecasts,
): Promise<DecisionForecasts> {
  const types = market.catalog.all();
  const zones = new Map<string, string>();
  for (const { zone, region } of nodes) if (zone !== null && region !== null) zones.set(zone, region);
  const asked: Pool[] = [...zones].flatMap(([availabilityZone, region]) =>
    types.map(({ instanceType }) => ({ region, availabilityZone, instanceType, product: SPOT_PRODUCT })),
  );
  const answers = await forecasting.forecastFor(asked, { clusterId });
  const pools = new Map<PoolKey, PoolOutlook>();
  for (const pool of asked) {
    const key = poolKey(pool);
    const answer = answers.get(key);
    if (!answer) continue;
    const interruptionMaxPercentPerMonth = forecasting.interruptionRisk(pool)?.maxPercentPerMonth;
    pools.set(key, { ...answer, pool, interruptionMaxPercentPerMonth });
  }
  return { types, pools };
}
