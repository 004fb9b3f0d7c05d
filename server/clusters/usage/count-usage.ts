import { blockKey, blockOf } from './day-block.ts';
import { dayOf, UsageDay, type UsageSample } from './usage-day.ts';
import { type KeptEntry, letOthersRun, type UsageStore } from './usage-store.ts';
import { ByteReader } from './varints.ts';

/** Entries that are counted in one go: ten minutes of a cluster. */
const ENTRIES_AT_ONCE = 40;
/** Rows that are written in one transaction. */
const BLOCKS_AT_ONCE = 250;

/** What the pods of a series used at one moment. */
interface Moment {
  readonly entryId: number;
  readonly samples: readonly UsageSample[];
}

/**
 * Counts the journal in the sketches of its days, then drops it. Every day remembers up to which entry it was counted, so that
 * work that was cut off is done again without counting anything twice.
 * @returns how many entries were counted
 */
export async function countUsage(store: UsageStore): Promise<number> {
  let counted = 0;
  for (;;) {
    const entries = await store.journal(ENTRIES_AT_ONCE);
    if (entries.length === 0) return counted;
    for (const [clusterId, own] of Map.groupBy(entries, entry => entry.clusterId)) {
      await countCluster(store, clusterId, own);
    }
    await store.dropJournal(entries.map(({ id }) => id));
    counted += entries.length;
  }
}

async function countCluster(
  store: UsageStore,
  clusterId: string,
  entries: readonly KeptEntry[],
): Promise<void> {
  const idOf = await seriesIds(store, clusterId, entries);
  const blocks = new Map<number, Map<number, Moment[]>>();
  for (const { id, at, lines } of entries) {
    const day = dayOf(at);
    for (const { workload, container, figures } of lines) {
      const seriesId = idOf.get(nameOf(workload, container));
      if (seriesId === undefined) continue;
      const samples: UsageSample[] = [];
      for (let i = 0; i + 2 < figures.length; i += 3) {
        const [cpuMilli = 0, memoryBytes = 0, starts] = figures.slice(i, i + 3);
        samples.push({ at, cpuMilli, memoryBytes, isStartUp: starts === 1 });
      }
      const key = blockKey(seriesId, blockOf(day));
      const days = blocks.get(key) ?? new Map<number, Moment[]>();
      blocks.set(key, days.set(day, [...(days.get(day) ?? []), { entryId: id, samples }]));
    }
  }
  const keys = [...blocks.keys()].sort((a, b) => a - b);
  for (let at = 0; at < keys.length; at += BLOCKS_AT_ONCE) {
    const part = new Map(
      keys.slice(at, at + BLOCKS_AT_ONCE).map(key => [key, [...(blocks.get(key)?.keys() ?? [])]]),
    );
    await store.rewriteDays(part, (key, day, body) => {
      const usage = new UsageDay();
      if (body) usage.mergeWritten(new ByteReader(body));
      for (const { entryId, samples } of blocks.get(key)?.get(day) ?? []) {
        if (entryId <= usage.countedTo) continue;
        usage.add(samples);
        usage.countedTo = entryId;
      }
      return usage.write();
    });
    await letOthersRun();
  }
}

/** Ids of all series that the entries name; new ones are entered. */
async function seriesIds(
  store: UsageStore,
  clusterId: string,
  entries: readonly KeptEntry[],
): Promise<ReadonlyMap<string, number>> {
  const named = new Map(
    entries.flatMap(({ lines }) => lines.map(line => [nameOf(line.workload, line.container), line] as const)),
  );
  const known = async () =>
    new Map(
      (await store.series(clusterId)).map(({ id, workload, container }) => [nameOf(workload, container), id]),
    );
  const before = await known();
  const fresh = [...named].filter(([name]) => !before.has(name)).map(([, line]) => line);
  if (fresh.length === 0) return before;
  await store.addSeries(clusterId, fresh);
  return known();
}

function nameOf(workload: string, container: string): string {
  return `${workload} ${container}`;
}
