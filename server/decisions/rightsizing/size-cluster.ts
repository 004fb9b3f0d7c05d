import { setImmediate } from 'node:timers/promises';
import type { RightsizingAnswer, UsageDay } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { Clusters } from '../../clusters/index.ts';
import type { Clock } from '../../platform/index.ts';
import { unitPrices } from './price-share.ts';
import { type SizedWorkload, sizeWorkload, sumUp } from './rightsizing-engine.ts';
import { defaultSizingPolicy, type SizingPolicy } from './sizing-policy.ts';
import { workloadsToSize } from './workloads-to-size.ts';

/** What rightsizing asks of clusters. */
export type SizingClusters = Pick<Clusters, 'state' | 'summaries' | 'usage'>;

/** Recommendations for the containers of clusters. Nothing is stored, nothing acts. */
export interface Rightsizing {
  /**
   * @param change what of the default policy is to be other
   * @throws AppError `resource.not-found` for an unknown cluster, `cluster.away` before its first report
   */
  recommend(clusterId: string, change?: Partial<SizingPolicy>): Promise<RightsizingAnswer>;
  /** What one container used by day, and its kills. @throws AppError `resource.not-found` */
  usageOf(
    clusterId: string,
    workload: string,
    container: string,
  ): Promise<{ days: UsageDay[]; oomKills: { at: number; memoryBytes: number | null }[] }>;
}

/** Workloads that are sized before others may run: some milliseconds. */
const WORKLOADS_AT_ONCE = 500;

export function createRightsizing({
  clusters,
  clock,
}: {
  clusters: SizingClusters;
  clock: Clock;
}): Rightsizing {
  const known = (clusterId: string): void => {
    if (!clusters.summaries().some(({ id }) => id === clusterId)) {
      throw new AppError('resource.not-found', `There is no cluster "${clusterId}".`);
    }
  };
  return {
    recommend: async (clusterId, change = {}) => {
      known(clusterId);
      const policy = { ...defaultSizingPolicy, ...change };
      const { windowDays, recentDays, cpuPercentile, memoryPercentile } = policy;
      const state = clusters.state(clusterId);
      if (!state) {
        throw new AppError('cluster.away', `The agent of cluster "${clusterId}" has not reported yet.`);
      }
      const { profiles, kills } = await clusters.usage.profiles(clusterId, {
        windowDays,
        recentDays,
        cpuPercentile,
        memoryPercentile,
      });
      const workloads = workloadsToSize(state.inventory, profiles, kills);
      const prices = unitPrices(state.nodes);
      const asOf = clock.now();
      const sized: SizedWorkload[] = [];
      for (const workload of workloads) {
        sized.push(sizeWorkload(workload, asOf, policy, prices));
        if (sized.length % WORKLOADS_AT_ONCE === 0) await setImmediate();
      }
      return sumUp({ clusterId, asOf }, sized);
    },
    usageOf: async (clusterId, workload, container) => {
      known(clusterId);
      const [days, kills] = await Promise.all([
        clusters.usage.days(clusterId, workload, container),
        clusters.usage.kills(clusterId),
      ]);
      const own = kills.filter(one => one.workload === workload && one.container === container);
      return { days, oomKills: own.map(({ at, memoryBytes }) => ({ at, memoryBytes })) };
    },
  };
}
