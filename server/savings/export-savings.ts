import type { AllocationStore } from './allocation/allocation-store.ts';
import { keptShares } from './allocation/kept-shares.ts';
import { allocationLines, type ExportLine, ledgerLines } from './export-lines.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import type { SavingsStore } from './savings-store.ts';

/** What is exported. */
export interface ExportOrder {
  readonly what: 'ledger' | 'allocation';
  readonly fromMs: number;
  readonly toMs: number;
  /** Of allocation. */
  readonly step: 'hour' | 'day';
  readonly clusterId?: string | undefined;
  readonly namespace?: string | undefined;
  readonly workload?: string | undefined;
  /** Of the ledger. */
  readonly engine?: string | undefined;
}

/** Lines of an export, read while they are written: memory does not grow with the time that is asked for. */
export async function* exportLines(parts: {
  order: ExportOrder;
  entries: ReadonlyMap<string, LedgerEntry>;
  store: SavingsStore;
  allocations: AllocationStore;
  nameOfCluster: (id: string) => string;
  nowMs: number;
}): AsyncGenerator<ExportLine> {
  const { order, entries, store, allocations, nameOfCluster, nowMs } = parts;
  if (order.what === 'ledger') {
    for await (const interval of store.intervals(order.fromMs, order.toMs)) {
      const entry = entries.get(interval.entryId);
      if (entry && isOf(entry, order))
        yield* ledgerLines(entry, interval, order, nameOfCluster(entry.clusterId));
    }
    return;
  }
  for await (const kept of keptShares(allocations, order, order.step, nowMs).shares)
    yield* allocationLines(kept, order, nameOfCluster(kept.clusterId));
}

/** Whether an entry has a part in what is asked for; a line is of the entry as a whole. */
function isOf(entry: LedgerEntry, { clusterId, engine, namespace, workload }: ExportOrder): boolean {
  return (
    (clusterId === undefined || entry.clusterId === clusterId) &&
    (engine === undefined || entry.stages.some(stage => stage.engine === engine)) &&
    (workload === undefined || entry.workloads.some(({ key }) => key === workload)) &&
    (namespace === undefined || entry.workloads.some(({ key }) => key.split('/')[1] === namespace))
  );
}
