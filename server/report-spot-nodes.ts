import { MS_PER_MINUTE, poolKey } from '../common/units/index.ts';
import type { Clusters } from './clusters/index.ts';
import type { Decisions } from './decisions/index.ts';
import type { Forecasting, ObservedSpotNode } from './forecasting/index.ts';
import type { Clock, Logger } from './platform/index.ts';

const PRODUCT = 'Linux/UNIX';
const EVERY_MS = 5 * MS_PER_MINUTE;
/** What Karpenter and the AWS Node Termination Handler call the notice in their events about a node. */
const INTERRUPTION_REASONS: ReadonlySet<string> = new Set(['SpotInterrupted', 'SpotInterruption']);
/** And the recommendation to leave it. */
const REBALANCE_REASONS: ReadonlySet<string> = new Set([
  'SpotRebalanceRecommendation',
  'RebalanceRecommendation',
]);

/** What came so shortly before the engine ended may not have been answered. */
const LOOKED_BACK_MS = 2 * MS_PER_MINUTE;
const EVENTS_LOOKED_AT = 200;

/**
 * Tells forecasting which Spot nodes run where, at first sight and every five minutes for clusters whose agent is there, and which of them AWS
 * takes away; and decisions of the latter, at once. A node of which zone or type are not known belongs to no pool and is left out.
 */
export function reportSpotNodes(
  {
    clusters,
    forecasting,
    decisions,
    clock,
  }: {
    readonly clusters: Pick<Clusters, 'onEvent' | 'onInventory' | 'summaries' | 'state' | 'events'>;
    readonly forecasting: Pick<Forecasting, 'observeSpotNodes' | 'recordInterruptions' | 'recordRebalances'>;
    readonly decisions: Pick<Decisions, 'answerNotice'>;
    readonly clock: Clock;
  },
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
  const answer = (notice: { clusterId: string; nodeName: string; atMs: number }) => {
    // Beside the line: two minutes are short.
    decisions.answerNotice(notice).catch((error: unknown) => {
      log.error({ err: error, ...notice }, 'A Spot interruption was not answered');
    });
  };
  clusters.onEvent(({ clusterId, object, reason, atMs }) => {
    const nodeName = nodeOf(object);
    const isInterruption = INTERRUPTION_REASONS.has(reason);
    if (nodeName === undefined || !(isInterruption || REBALANCE_REASONS.has(reason))) return;
    if (isInterruption) answer({ clusterId, nodeName, atMs });
    inLine(async () => {
      // It may have come since the last round, and its pool must be known.
      await observe(clusterId);
      const notice = { clusterId, nodeName, atMs };
      if (isInterruption) await forecasting.recordInterruptions([notice]);
      else await forecasting.recordRebalances([notice]);
    });
  });

  const answerLast = async () => {
    const fromMs = clock.now() - LOOKED_BACK_MS;
    for (const { id: clusterId } of clusters.summaries()) {
      for (const { at, object, reason } of await clusters.events(clusterId, EVENTS_LOOKED_AT)) {
        const nodeName = nodeOf(object);
        if (at < fromMs || nodeName === undefined || !INTERRUPTION_REASONS.has(reason)) continue;
        answer({ clusterId, nodeName, atMs: at });
      }
    }
  };

  return {
    start: async () => {
      await answerLast();
      timer = setInterval(() => inLine(observeAll), EVERY_MS);
      timer.unref();
    },
    stop: async () => {
      clearInterval(timer);
      await last;
    },
  };
}

function nodeOf(object: string): string | undefined {
  const [kind, , name] = object.split('/');
  return kind === 'Node' ? name : undefined;
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
