import { setImmediate } from 'node:timers/promises';
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
  await setImmediate();
  const clusterId = cluster.id;
  const [ofCluster = new Map(), ...ofWorkloads] = await forecasting.forecastFor(asked, [
    { clusterId },
    ...workloads.map(workload => ({ clusterId, workload })),
  ]);
  const risks = await forecasting.interruptionRisks(asked);
  await setImmediate();
  const outlooks = new Map(
    [ofCluster, ...ofWorkloads].map(answers => [answers, new Map<PoolKey, PoolOutlook>()]),
  );
  const paidShare = spotShare(market);
  for (const pool of asked) {
    const key = poolKey(pool);
    const risk = risks.get(key);
    const interruption = {
      interruptionMaxPercentPerMonth: risk?.maxPercentPerMonth,
      interruptionSource: risk?.source,
    };
    for (const [answers, pools] of outlooks) {
      const answer = answers.get(key);
      if (!answer) continue;
      const share = paidShare(pool, answer.priceMicroUsdPerHour);
      pools.set(key, {
        ...answer,
        priceMicroUsdPerHour: answer.priceMicroUsdPerHour * share,
        predictedMicroUsdPerHour: answer.predictedMicroUsdPerHour * share,
        pool,
        ...interruption,
      });
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

/** The part of a Spot price that is paid: 1 unless a discount is agreed for it. */
function spotShare({ catalog }: TypeCatalog): (pool: Pool, priceMicroUsdPerHour: number) => number {
  if (catalog.commitments() === null) return () => 1;
  const committed = catalog.applyCommitments([]).totalMicroUsdPerHour;
  return ({ region, availabilityZone, instanceType, product }, price) => {
    const node = { id: 'one', region, zone: availabilityZone, instanceType, product };
    const paid = catalog.applyCommitments([{ ...node, capacityType: 'spot', spotMicroUsdPerHour: price }]);
    return price > 0 ? (paid.totalMicroUsdPerHour - committed) / price : 1;
  };
}
