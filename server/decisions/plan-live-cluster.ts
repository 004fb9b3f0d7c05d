import type { PackingPlan } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { SchedulableCluster, TypeCatalog } from './neighbours.ts';
import { openBill } from './open-bill.ts';
import type { DecisionPolicy } from './policy.ts';
import { liveMarket } from './snapshot/live-market.ts';
import { liveSnapshot } from './snapshot/live-snapshot.ts';
import type { MachineCatalog } from './snapshot/machine-market.ts';
import { planSnapshot } from './snapshot/plan-snapshot.ts';

/** What plans for live clusters are made from. */
export interface BinPackingParts {
  readonly clusters: {
    state(clusterId: string): SchedulableCluster | undefined;
    summaries(): readonly { readonly id: string; readonly name: string }[];
  };
  readonly market: { readonly catalog: TypeCatalog['catalog'] & MachineCatalog };
  /** What the policy of a cluster says now. */
  readonly settingsOf: (clusterId: string) => Promise<DecisionPolicy>;
}

/** The cheapest nodes for live clusters. Nothing is stored, nothing acts. */
export interface BinPacking {
  /**
   * The best plan that is found in time, for the cluster as it is now; who asks while one is being made gets that one.
   * @throws AppError `resource.not-found` for an unknown cluster, `cluster.away` when its agent is not connected,
   * `cluster.agent-outdated` when that does not tell where pods may go, `engine.busy` while too many others are planned for
   */
  plan(clusterId: string, timeLimitMs: number): Promise<PackingPlan>;
  /** Ends what is under way with the best so far. */
  stop(): Promise<void>;
}

/** The same cluster always gives the same plan, unless time runs out. */
const SEED = 1;
/** Clusters that are planned for at once: each takes a core. */
const MOST_AT_ONCE = 2;

export function createBinPacking({ clusters, market, settingsOf }: BinPackingParts): BinPacking {
  const underWay = new Map<string, Promise<PackingPlan>>();
  const closing = new AbortController();

  const plan = async (observed: SchedulableCluster, timeLimitMs: number): Promise<PackingPlan> => {
    const snapshot = liveSnapshot(observed);
    const prices = await liveMarket(observed.nodes, market.catalog, openBill(clusters, market, []));
    const options = { seed: SEED, timeLimitMs, signal: closing.signal };
    const made = await planSnapshot(snapshot, prices, await settingsOf(observed.cluster.id), options);
    if (market.catalog.commitments() === null) return made;
    const note =
      'Savings Plans, reservations and discounts are known: nodes count with what leaves the bill with them, new ones with the list price.';
    return { ...made, warnings: [...made.warnings, note] };
  };

  return {
    plan: async (clusterId, timeLimitMs) => {
      const observed = presentState(clusters, clusterId);
      let running = underWay.get(clusterId);
      if (running === undefined) {
        if (underWay.size >= MOST_AT_ONCE)
          throw new AppError('engine.busy', `${MOST_AT_ONCE} other clusters are being planned for.`);
        running = plan(observed, timeLimitMs).finally(() => underWay.delete(clusterId));
        underWay.set(clusterId, running);
      }
      return running;
    },
    stop: async () => {
      closing.abort();
      await Promise.allSettled(underWay.values());
    },
  };
}

function presentState(clusters: BinPackingParts['clusters'], clusterId: string): SchedulableCluster {
  const observed = clusters.state(clusterId);
  if (observed?.cluster.state === 'live') return observed;
  const name = clusters.summaries().find(({ id }) => id === clusterId)?.name;
  if (name === undefined) throw new AppError('resource.not-found', `There is no cluster "${clusterId}".`);
  throw new AppError(
    'cluster.away',
    observed
      ? `The agent of cluster ${name} is not connected.`
      : `The agent of cluster ${name} has not reported yet.`,
  );
}
