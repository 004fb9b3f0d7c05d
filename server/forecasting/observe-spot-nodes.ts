import { MS_PER_DAY, MS_PER_MINUTE } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';
import type { ObservedInterruption, ObservedSpotNode } from './spot-node.ts';
import type { SpotNodeStore } from './spot-node-store.ts';

/** Clusters report every few seconds; nodes that stay are written this often. */
const WRITE_EVERY_MS = 5 * MS_PER_MINUTE;
/** Judging takes a month of predictions, each with a base rate of the month before. */
const KEPT_MS = 120 * MS_PER_DAY;

/** Takes in what clusters report of their Spot nodes. */
export interface SpotNodeWatch {
  observe(clusterId: string, nodes: readonly ObservedSpotNode[]): Promise<void>;
  interrupt(notice: ObservedInterruption): Promise<boolean>;
  recommend(notice: ObservedInterruption): Promise<boolean>;
}

/** One cluster's reports are written one after the other. */
export function watchSpotNodes(store: SpotNodeStore, clock: Clock): SpotNodeWatch {
  const written = new Map<string, { readonly nodes: string; readonly atMs: number }>();
  const lines = new Map<string, Promise<unknown>>();
  const inLine = <T>(clusterId: string, work: () => Promise<T>): Promise<T> => {
    const turn = (lines.get(clusterId) ?? Promise.resolve()).then(work);
    lines.set(
      clusterId,
      turn.catch(() => undefined),
    );
    return turn;
  };
  /** The agent's clock may be ahead. */
  const notAhead = (notice: ObservedInterruption) => ({
    ...notice,
    atMs: Math.min(notice.atMs, clock.now()),
  });
  return {
    observe: (clusterId, nodes) =>
      inLine(clusterId, async () => {
        const atMs = clock.now();
        const key = nodes
          .map(({ uid }) => uid)
          .sort()
          .join(' ');
        const last = written.get(clusterId);
        if (last?.nodes === key && atMs - last.atMs < WRITE_EVERY_MS) return;
        await store.observe(clusterId, nodes, atMs);
        if (last === undefined) await store.forgetBefore(atMs - KEPT_MS);
        written.set(clusterId, { nodes: key, atMs });
      }),
    interrupt: notice => inLine(notice.clusterId, () => store.interrupt(notAhead(notice))),
    recommend: notice => inLine(notice.clusterId, () => store.recommend(notAhead(notice))),
  };
}
