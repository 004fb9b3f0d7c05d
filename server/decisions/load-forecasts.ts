import { type Pool, type PoolKey, poolKey } from '../../common/units/index.ts';
import type { DecisionForecasts, PoolOutlook } from './engines/engine.ts';
import { SPOT_PRODUCT } from './engines/spot/spot-candidates.ts';
import type { ObservedCluster, PriceForecasts, TypeCatalog } from './neighbours.ts';
import { workloadOwners } from './workload-owner.ts';

/**
 * What is known of every catalog type in the regions and zones where a cluster has nodes, by the models that serve it and
 * its workloads.
 */
export async function loadForecasts(
  { cluster, nodes, inventory }: Pick<ObservedCluster, 'cluster' | 'nodes' | 'inventory'>,
  market: TypeCatalog,
  forecasting: PriceForecasts,
): Promise<DecisionForecasts> {
  const types = market.catalog.all();
  const zones = new Map<string, string>();
  for (const { zone, region } of nodes) if (zone !== null && region !== null) zones.set(zone, region);
  const asked: Pool[] = [...zones].flatMap(([availabilityZone, region]) =>
    types.map(({ instanceType }) => ({ region, availabilityZone, instanceType, product: SPOT_PRODUCT })),
  );
  const owners = workloadOwners(inventory.workloads);
  const workloads = [...new Set(inventory.pods.flatMap(pod => owners.keyOf(pod) ?? []))];
  const clusterId = cluster.id;
  const [ofCluster = new Map(), ...ofWorkloads] = await forecasting.forecastFor(asked, [
    { clusterId },
    ...workloads.map(workload => ({ clusterId, workload })),
  ]);
  const outlooks = new Map(
    [ofCluster, ...ofWorkloads].map(answers => [answers, new Map<PoolKey, PoolOutlook>()]),
  );
  for (const pool of asked) {
    const key = poolKey(pool);
    const interruptionMaxPercentPerMonth = forecasting.interruptionRisk(pool)?.maxPercentPerMonth;
    for (const [answers, pools] of outlooks) {
      const answer = answers.get(key);
      if (answer) pools.set(key, { ...answer, pool, interruptionMaxPercentPerMonth });
    }
  }
  const pools = outlooks.get(ofCluster) ?? new Map();
  const poolsOfWorkload = new Map(
    workloads.flatMap((workload, index) => {
      const own = outlooks.get(ofWorkloads[index] ?? ofCluster);
      return own === undefined || own === pools ? [] : [[workload, own] as const];
    }),
  );
  return { types, pools, poolsOfWorkload };
}
