import type { AgentMessage, InventoryObject } from '../../../common/agent-protocol/index.ts';
import type { InventoryChanges } from '../inventory-store.ts';
import type { ReportedPods } from './reported-pods.ts';
import { START_UP_MS } from './usage-day.ts';
import { usageOwner } from './workload-of-pod.ts';

/** One moment of one container: for each pod in turn milli-cores, bytes, and 1 while it starts. */
export interface JournalLine {
  readonly workload: string;
  readonly container: string;
  readonly figures: number[];
}

/** What a usage report says of containers, under the names by which it is kept. */
export interface JournalEntry {
  /** ms UTC */
  readonly at: number;
  readonly lines: readonly JournalLine[];
}

/** A container was killed for want of memory. */
export interface OomKill {
  readonly workload: string;
  readonly container: string;
  readonly podUid: string;
  /** ms UTC */
  readonly at: number;
  /** The limit that it hit; `null` where it has none: the node was out of memory. */
  readonly memoryBytes: number | null;
}

type Find = (key: string) => InventoryObject | null | undefined;

/**
 * Usage reports among messages, container by container. Pods that are not known, or have no owner, are left out. A time ahead of
 * `nowMs` counts as now: an agent's clock may be fast.
 */
export function readUsage(
  messages: readonly AgentMessage[],
  reported: ReportedPods,
  nowMs: number,
): JournalEntry[] {
  return messages.flatMap(({ at: toldAt, body }) => {
    if (body.kind !== 'usage') return [];
    const at = Math.min(toldAt, nowMs);
    const lines = new Map<string, JournalLine>();
    for (const [place, { namespace, name, containers }] of body.pods.entries()) {
      const found = containers && reported.at(place, namespace, name);
      if (!found || found.workload === null) continue;
      for (const [index, { name, used }] of containers.entries()) {
        const { series, startedAt } = found.container(index, name);
        const line = lines.get(series) ?? { workload: found.workload, container: name, figures: [] };
        if (line.figures.length === 0) lines.set(series, line);
        const isStartUp = startedAt !== undefined && at - startedAt < START_UP_MS;
        line.figures.push(Math.ceil(used.cpuMilli), Math.ceil(used.memoryBytes), isStartUp ? 1 : 0);
      }
    }
    return lines.size === 0 ? [] : [{ at, lines: [...lines.values()] }];
  });
}

/** Kills that changed objects tell of; one that was told before may be among them. */
export function readOomKills(changes: InventoryChanges, find: Find): OomKill[] {
  const kills: OomKill[] = [];
  for (const object of changes.values()) {
    if (object?.kind !== 'Pod') continue;
    for (const { name, oomKilledAt, limits } of object.containers ?? []) {
      const workload = oomKilledAt === undefined ? null : usageOwner(object, find);
      if (oomKilledAt === undefined || workload === null) continue;
      const memoryBytes = limits.memoryBytes ?? null;
      kills.push({ workload, container: name, podUid: object.uid, at: oomKilledAt, memoryBytes });
    }
  }
  return kills;
}
