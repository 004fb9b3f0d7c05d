import { setImmediate as turn } from 'node:timers/promises';
import type { ImportSummary } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { poolKey } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';
import { ArchiveReader } from './archives/archive-reader.ts';
import { CoverageWitness } from './archives/coverage-witness.ts';
import type { RowOptions } from './archives/row-reader.ts';
import type { CoverageStore, CoveredStretch } from './coverage-store.ts';
import type { HeldPriceStore, PriceConflict } from './held-price-store.ts';
import type { PriceRecord } from './price-batch.ts';
import type { PriceStore } from './price-store.ts';

/** Rows that share a commit: large enough for its fsync not to count, small enough for others not to wait. */
const ROWS_PER_COMMIT = 4_000;

/** How a file is to be imported. */
export interface ImportOptions {
  /** Region of zones that do not tell theirs. */
  readonly region?: string | undefined;
  /** Product of rows that name none, or none that is known. */
  readonly product?: string | undefined;
  /** Zone names of the account by zone id. */
  readonly zones?: ReadonlyMap<string, string>;
  /** Take what comes before a damage instead of refusing the file. */
  readonly upToDamage?: boolean;
  /** Somebody vouches that the file holds every instance type of its regions. */
  readonly allTypes?: boolean;
}

export interface ImportParts {
  readonly prices: PriceStore;
  readonly held: HeldPriceStore;
  readonly coverage: CoverageStore;
  readonly clock: Clock;
}

/** How far an import is. */
export interface ImportStep {
  readonly phase: 'reading' | 'writing';
  /** Rows of this phase. */
  readonly rows: number;
  readonly newRows: number;
  /** Bytes of the file, as it is packed, in this phase. */
  readonly readBytes: number;
  readonly totalBytes: number;
}

/**
 * Imports a file of prices in two passes: the first reads it to its end, so that a damaged file changes nothing; the second
 * writes. Rows that are on disk stay, also where the file has another price: forecasts were made from them, and an import
 * that runs twice must change nothing. The time that the file vouches for is written with its last rows, so that an import that
 * is stopped half-way claims nothing.
 * @returns what came of it; a file that is refused for a damage is an outcome, too
 * @throws AppError `input.invalid` or `market.archive-unreadable` when it cannot be opened or is no file of prices,
 * `market.archive-damaged` when nothing of it can be unpacked; what `signal` was aborted with
 */
export async function importArchive(
  parts: ImportParts,
  file: { readonly path: string; readonly name?: string },
  options: ImportOptions,
  signal: AbortSignal,
  tell: (step: ImportStep) => void,
): Promise<ImportSummary> {
  const {
    region,
    product,
    zones = new Map<string, string>(),
    upToDamage = false,
    allTypes = false,
  } = options;
  const nowMs = parts.clock.now();
  const step = (phase: ImportStep['phase'], reader: ArchiveReader, newRows: number) => {
    const { rows, readBytes, totalBytes } = reader;
    tell({ phase, rows, newRows, readBytes, totalBytes });
  };
  const survey = async (classicUntilMs: ReadonlyMap<string, number>) => {
    const rows: RowOptions = { region, product, zones, nowMs, classicUntilMs };
    const reader = new ArchiveReader(file.path, rows, file.name);
    const witness = new CoverageWitness();
    for await (const records of reader.records(signal)) {
      witness.add(records);
      step('reading', reader, 0);
    }
    return { reader, rows, witness };
  };
  let surveyed = await survey(new Map());
  const classicUntilMs = surveyed.reader.classicUntilMs();
  // Only a whole reading tells until when names meant something else.
  if (classicUntilMs.size > 0) surveyed = await survey(classicUntilMs);
  const { reader: read, rows: rowOptions, witness } = surveyed;
  const left = read.leftOut.reduce((sum, { count }) => sum + count, 0);
  const isRefused = read.damagedAt !== null && !(upToDamage && read.isPrefixSound);
  if (!isRefused && read.rows === left) refuseEmpty(read);
  // Of a file that stops somewhere nobody knows what the rest would have said of the same time.
  const covered = read.damagedAt ? [] : witness.stretches(allTypes);
  const count = { newRows: 0, conflicts: 0, first: undefined as PriceConflict | undefined };
  if (!isRefused) {
    const again = new ArchiveReader(file.path, rowOptions, file.name);
    for await (const records of inCommits(again.records(signal))) {
      const newRows = await parts.prices.insert(records);
      count.newRows += newRows;
      if (newRows < records.length) {
        const conflicts = await parts.held.conflictsWith(records);
        count.conflicts += conflicts.length;
        count.first ??= conflicts[0];
      }
      step('writing', again, count.newRows);
      await turn();
    }
    // Only now is all on disk that it vouches for.
    await parts.prices.insert([], async transaction => {
      for (const stretch of covered) await parts.coverage.addIn(transaction, stretch);
    });
  }
  return {
    file: read.fileName,
    format: read.format,
    compression: read.compression,
    outcome: isRefused ? 'refused' : read.damagedAt ? 'imported-up-to-damage' : 'imported',
    rows: read.rows,
    newRows: count.newRows,
    duplicates: isRefused ? 0 : read.rows - left - count.newRows - count.conflicts,
    conflicts: count.conflicts,
    firstConflict: count.first === undefined ? null : conflictAsShown(count.first),
    leftOut: read.leftOut,
    fromMs: read.fromMs,
    toMs: read.toMs,
    pools: read.pools,
    covered: covered.map(asShown),
    zoneIds: read.zoneIds,
    notes: notesOf(read, witness, covered),
    damagedAt: read.damagedAt,
  };
}

async function* inCommits(batches: AsyncIterable<readonly PriceRecord[]>): AsyncGenerator<PriceRecord[]> {
  let waiting: PriceRecord[] = [];
  for await (const records of batches) {
    waiting.push(...records);
    while (waiting.length >= ROWS_PER_COMMIT) {
      yield waiting.slice(0, ROWS_PER_COMMIT);
      waiting = waiting.slice(ROWS_PER_COMMIT);
    }
  }
  if (waiting.length > 0) yield waiting;
}

function refuseEmpty(read: ArchiveReader): void {
  const [first] = read.leftOut.toSorted((a, b) => b.count - a.count);
  // A header without rows is the answer of a window in which nothing happened; JSON without records is something else.
  if (!first && read.format !== 'json') return;
  const why = first
    ? `: in ${first.count} of ${read.rows} rows ${first.reason}, first in line ${first.firstLine}`
    : '';
  throw new AppError(
    'market.archive-unreadable',
    `"${read.fileName}" holds no price record that can be used${why}.`,
  );
}

function notesOf(
  read: ArchiveReader,
  witness: CoverageWitness,
  covered: readonly CoveredStretch[],
): string[] {
  const notes: string[] = [];
  const count = (rows: number) => rows.toLocaleString('en-US');
  if (read.damagedAt) notes.push('A damaged file vouches for no time.');
  if (!read.isPrefixSound) {
    notes.push(
      'Its packed data is wrong, not only cut off: also prices before the damage may be wrong, so that it is refused in any case.',
    );
  }
  if (read.naiveTimes > 0) notes.push(`${count(read.naiveTimes)} times name no zone and were read as UTC.`);
  if (witness.gaveUp) notes.push('The records are spread over too much time to say what they cover.');
  if (read.pools > 0 && witness.singles > read.pools / 2) {
    notes.push(
      `${count(witness.singles)} of ${count(read.pools)} pools have a single record: these are prices in force, or a part of a file, and hardly vouch for any time.`,
    );
  }
  if (covered.length > 0 && covered.every(({ instanceTypes }) => instanceTypes.length > 0)) {
    notes.push('Covered for the instance types in the file; --all-types says that there are no others.');
  }
  return notes;
}

function asShown({
  region,
  product,
  instanceTypes,
  fromMs,
  toMs,
}: CoveredStretch): ImportSummary['covered'][number] {
  return { region, product, instanceTypes: instanceTypes.length, fromMs, toMs };
}

function conflictAsShown({ record, heldMicroUsdPerHour }: PriceConflict): ImportSummary['firstConflict'] {
  const { atMs, priceMicroUsdPerHour } = record;
  return { pool: poolKey(record), atMs, heldMicroUsdPerHour, fileMicroUsdPerHour: priceMicroUsdPerHour };
}
