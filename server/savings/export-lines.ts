import { usdFromMicroUsd } from '../../common/units/index.ts';
import { writeCsv } from '../models/index.ts';
import { figuresOf, isAsked } from './allocation/allocation-report.ts';
import type { KeptShares } from './allocation/allocation-store.ts';
import { describeWorkload } from './allocation/cost-shares.ts';
import { type BookedInterval, bookedIn, toMicroUsd } from './booked-interval.ts';
import { type LedgerEntry, predictedRate } from './ledger-entry.ts';
import { piecesOf } from './ledger-report.ts';

/** A line of an export: names carry units, `null` is unknown. */
export type ExportLine = Readonly<Record<string, string | number | null>>;

/** Columns of the ledger: one line for each stretch of time in which no price changed. */
export const ledgerColumns = [
  'plan_id',
  'entry_id',
  'cluster',
  'title',
  'engines',
  'nodes_removed',
  'nodes_added',
  'workloads',
  'from',
  'to',
  'counterfactual_usd_per_hour',
  'actual_usd_per_hour',
  'predicted_usd_per_hour',
  'realized_usd',
  'state',
] as const;

/** What was booked of an interval within the time; the sum over a ledger is exact, a line is rounded. */
export function* ledgerLines(
  entry: LedgerEntry,
  interval: BookedInterval,
  range: { readonly fromMs: number; readonly toMs: number },
  clusterName: string,
): Generator<ExportLine> {
  for (const piece of piecesOf(interval, range.fromMs, range.toMs)) {
    const isUnknown = piece.actualMicroUsdPerHour === null;
    yield {
      plan_id: entry.planId,
      entry_id: entry.id,
      cluster: clusterName,
      title: entry.title,
      engines: entry.stages.map(({ engine }) => engine).join(' '),
      nodes_removed: entry.counterfactual.removed.map(({ name }) => name).join(' '),
      nodes_added: entry.replacements.map(({ name }) => name).join(' '),
      workloads: entry.workloads.map(({ key }) => key).join(' '),
      from: new Date(piece.fromMs).toISOString(),
      to: new Date(piece.toMs).toISOString(),
      counterfactual_usd_per_hour: usdFromMicroUsd(piece.counterfactualMicroUsdPerHour),
      actual_usd_per_hour:
        piece.actualMicroUsdPerHour === null ? null : usdFromMicroUsd(piece.actualMicroUsdPerHour),
      predicted_usd_per_hour: usdFromMicroUsd(predictedRate(entry)),
      realized_usd: isUnknown ? null : usdFromMicroUsd(toMicroUsd(bookedIn(piece).microUsdMs)),
      state: isUnknown ? 'left out: a price was unknown' : 'booked',
    };
  }
}

/** Columns of allocation; idle and GPU have lines of their own, so that lines add up to what the nodes cost. */
export const allocationColumns = [
  'from',
  'hours',
  'cluster',
  'namespace',
  'kind',
  'workload',
  'holder',
  'cost_usd',
  'cpu_usd',
  'memory_usd',
  'cpu_core_hours',
  'memory_gib_hours',
  'pod_hours',
  'request_only_pod_hours',
  'unpriced_pod_hours',
  'labels',
] as const;

/** Lines of one cluster over one hour or day. */
export function* allocationLines(
  { atMs, lengthMs, shares }: KeptShares,
  order: { readonly namespace?: string | undefined; readonly workload?: string | undefined },
  clusterName: string,
): Generator<ExportLine> {
  const same = { from: new Date(atMs).toISOString(), hours: lengthMs / 3_600_000, cluster: clusterName };
  for (const [key, share] of shares.workloads) {
    if (!isAsked(key, order)) continue;
    const { namespace, kind, name, holder } = describeWorkload(key);
    const figures = figuresOf(share);
    const isUnknown = figures.costMicroUsd === null;
    yield {
      ...same,
      namespace,
      kind,
      workload: name,
      holder,
      cost_usd: isUnknown ? null : usdFromMicroUsd(figures.costMicroUsd ?? 0),
      cpu_usd: isUnknown ? null : usdFromMicroUsd(share.cpuMicroUsd),
      memory_usd: isUnknown ? null : usdFromMicroUsd(share.memoryMicroUsd),
      cpu_core_hours: figures.cpuCoreHours,
      memory_gib_hours: figures.memoryGibHours,
      pod_hours: figures.podHours,
      request_only_pod_hours: figures.requestOnlyPodHours,
      unpriced_pod_hours: figures.unpricedPodHours,
      labels: Object.entries(share.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    };
  }
  if (order.namespace !== undefined || order.workload !== undefined) return;
  const { idleCpuMicroUsd, idleMemoryMicroUsd, gpuMicroUsd } = shares;
  yield apart(same, 'idle', idleCpuMicroUsd + idleMemoryMicroUsd, idleCpuMicroUsd, idleMemoryMicroUsd);
  if (gpuMicroUsd > 0) yield apart(same, 'gpu', gpuMicroUsd, 0, 0);
}

function apart(same: ExportLine, holder: string, cost: number, cpu: number, memory: number): ExportLine {
  return {
    ...Object.fromEntries(allocationColumns.map(name => [name, null])),
    ...same,
    holder,
    cost_usd: usdFromMicroUsd(cost),
    cpu_usd: usdFromMicroUsd(cpu),
    memory_usd: usdFromMicroUsd(memory),
  };
}

/** Lines as CSV text in pieces; an empty cell is unknown. */
export async function* asCsv(
  columns: readonly string[],
  lines: AsyncIterable<ExportLine>,
): AsyncGenerator<string> {
  yield* inPieces(lines, writeCsv({ columns: [...columns], rows: [] }), line =>
    writeCsv({ columns: columns.map(name => String(line[name] ?? '')), rows: [] }),
  );
}

/** Lines as a JSON array in pieces, one line of text each. */
export async function* asJson(lines: AsyncIterable<ExportLine>): AsyncGenerator<string> {
  let isFirst = true;
  yield* inPieces(lines, '[', line => {
    const text = `${isFirst ? '\n' : ',\n'}${JSON.stringify(line)}`;
    isFirst = false;
    return text;
  });
  yield '\n]\n';
}

const PIECE_CHARACTERS = 64 * 1024;

async function* inPieces(
  lines: AsyncIterable<ExportLine>,
  head: string,
  textOf: (line: ExportLine) => string,
): AsyncGenerator<string> {
  let piece = head;
  for await (const line of lines) {
    piece += textOf(line);
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
