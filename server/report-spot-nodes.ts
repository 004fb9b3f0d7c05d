import { MS_PER_MINUTE, poolKey } from '../common/units/index.ts';
import type { Clusters } from './clusters/index.ts';
import type { Forecasting, ObservedSpotNode } from './forecasting/index.ts';
import type { Logger } from './platform/index.ts';

const PRODUCT = 'Linux/UNIX';
const EVERY_MS = 5 * MS_PER_MINUTE;
/** What Karpenter and the AWS Node Termination Handler call the notice in their events about a node. */
const INTERRUPTION_REASONS: ReadonlySet<string> = new Set(['SpotInterrupted', 'SpotInterruption']);
/** And the recommendation to leave it. */
const REBALANCE_REASONS: ReadonlySet<string> = new Set([
  'SpotRebalanceRecommendation',
  'RebalanceRecommendation',
]);

/**
 * Tells forecasting which Spot nodes run where, at first sight and every five minutes for clusters whose agent is there, and which of them AWS
 * takes away. A node of which zone or type are not known belongs to no pool and is left out.
 */
export function reportSpotNodes(
  clusters: Pick<Clusters, 'onEvent' | 'onInventory' | 'summaries' | 'state'>,
  forecasting: Pick<Forecasting, 'observeSpotNodes' | 'recordInterruptions' | 'recordRebalances'>,
  log: Logger,
): { start(): Promise<void>; stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const inLine = (work: () => Promise<unknown>) => {
    last = last
      .then(work)
      .catch((error: unknown) => log.error({ err: error }, 'Spot nodes could not be noted'));
  };

  const observe = async (clusterId: string) => {
    const state = clusters.state(clusterId);
    if (state) await forecasting.observeSpotNodes(clusterId, state.nodes.flatMap(spotNode));
  };
  const observeAll = async () => {
    for (const { id, state } of clusters.summaries()) if (state === 'live') await observe(id);
  };
  const known = new Set<string>();
  clusters.onInventory(clusterId => {
    if (known.has(clusterId)) return;
    known.add(clusterId);
    inLine(() => observe(clusterId));
  });
  clusters.onEvent(event => {
    const [kind, , nodeName] = event.object.split('/');
    const isInterruption = INTERRUPTION_REASONS.has(event.reason);
    if (kind !== 'Node' || nodeName === undefined) return;
    if (!isInterruption && !REBALANCE_REASONS.has(event.reason)) return;
    const { clusterId, atMs } = event;
    inLine(async () => {
      // It may have come since the last round, and its pool must be known.
      await observe(clusterId);
      const notice = { clusterId, nodeName, atMs };
      if (isInterruption) await forecasting.recordInterruptions([notice]);
      else await forecasting.recordRebalances([notice]);
    });
  });

  return {
    start: async () => {
      timer = setInterval(() => inLine(observeAll), EVERY_MS);
      timer.unref();
    },
    stop: async () => {
      clearInterval(timer);
      await last;
    },
  };
}

type NodeOfCluster = NonNullable<ReturnType<Clusters['state']>>['nodes'][number];

function spotNode({
  uid,
  name,
  capacityType,
  region,
  zone,
  instanceType,
}: NodeOfCluster): ObservedSpotNode[] {
  if (capacityType !== 'spot' || region === null || zone === null || instanceType === null) return [];
  return [{ uid, name, pool: poolKey({ region, availabilityZone: zone, instanceType, product: PRODUCT }) }];
}
