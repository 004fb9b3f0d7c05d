import { Text } from '@mantine/core';
import type { ImportProgress, ImportSummary } from '../../../../common/contracts/index.ts';
import { formatUsdPerHour } from '../../../../common/units/index.ts';
import { counted, formatCount } from '../../../components/number-text.ts';
import { formatDay, formatExact } from '../../../components/time-text.ts';
import type { ArchiveOrder } from '../../../connection/archive-uploads.ts';
import { AgainButton } from './again-button.tsx';
import { ZoneNames } from './zone-names.tsx';

/** What came of a file: rows, what was left out and where, damage, which time it vouches for, and what to do next. */
export function ImportResult(props: {
  readonly job: ImportProgress;
  readonly onAgain: ((changed: Partial<ArchiveOrder>) => void) | undefined;
}) {
  const { job, onAgain } = props;
  const { summary, message, state } = job;
  if (summary === null)
    return message === null ? null : (
      <Text size="sm" {...(state === 'failed' ? { c: 'var(--co-risk-text)' } : {})}>
        {message}
      </Text>
    );
  const { damagedAt, outcome, zoneIds, leftOut, notes } = summary;
  return (
    <div style={{ display: 'grid', gap: 6 }}>
      <Text size="sm">{rowsWords(summary)}</Text>
      {summary.covered.length > 0 ? <Text size="sm">{coveredWords(summary)}</Text> : null}
      {damagedAt ? (
        <Text size="sm" c="var(--co-risk-text)">
          {outcome === 'refused' ? 'Nothing of it was imported: ' : 'Imported up to the damage: '}
          line {formatCount(damagedAt.line)} is damaged, {damagedAt.reason}.
        </Text>
      ) : null}
      {outcome === 'refused' && damagedAt && summary.rows > 0 ? (
        <AgainButton
          label={`Import the ${counted(summary.rows, 'row')} before line ${formatCount(damagedAt.line)}`}
          onAgain={onAgain && (() => onAgain({ upToDamage: true }))}
        />
      ) : null}
      {leftOut.map(({ reason, count, firstLine }) => (
        <Text key={reason} size="sm" c="dimmed">
          Left out: {counted(count, 'row')}, {reason}; first in line {formatCount(firstLine)}.
        </Text>
      ))}
      {conflictWords(summary)}
      {notes.map(note => (
        <Text key={note} size="sm" c="dimmed">
          {note.replace('--all-types says', 'the option “They hold every instance type” says')}
        </Text>
      ))}
      {outcome !== 'refused' && zoneIds.length > 0 ? <ZoneNames zoneIds={zoneIds} onAgain={onAgain} /> : null}
    </div>
  );
}

function rowsWords(summary: ImportSummary): string {
  const { rows, newRows, duplicates, conflicts, pools, fromMs, toMs, format, compression } = summary;
  const packed = compression === 'none' ? '' : `, ${compression}`;
  const span = fromMs === null || toMs === null ? '' : `, ${formatDay(fromMs)} to ${formatDay(toMs)}`;
  const what = `${counted(rows, 'row')} of ${counted(pools, 'pool')}${span} (${format}${packed})`;
  if (summary.outcome === 'refused') return `${what} come before the damage.`;
  return `${what}: ${formatCount(newRows)} new, ${counted(duplicates, 'duplicate')}, ${counted(conflicts, 'conflict')}.`;
}

function coveredWords({ covered }: ImportSummary): string {
  const parts = covered.slice(0, 6).map(({ region, product, instanceTypes, fromMs, toMs }) => {
    const types = instanceTypes === 0 ? 'all types' : counted(instanceTypes, 'type');
    return `${region}, ${product}, ${types}: ${formatDay(fromMs)} to ${formatDay(toMs)}`;
  });
  const more = covered.length > 6 ? `; and ${covered.length - 6} more stretches` : '';
  return `It vouches for ${parts.join('; ')}${more}.`;
}

function conflictWords({ conflicts, firstConflict }: ImportSummary) {
  if (!firstConflict) return null;
  const { pool, atMs, heldMicroUsdPerHour, fileMicroUsdPerHour } = firstConflict;
  return (
    <Text size="sm" c="dimmed">
      {counted(conflicts, 'record')} on disk {conflicts === 1 ? 'has' : 'have'} another price, which stays;
      first of {pool} on {formatExact(atMs)}: {formatUsdPerHour(heldMicroUsdPerHour)} on disk,{' '}
      {formatUsdPerHour(fileMicroUsdPerHour)} in the file.
    </Text>
  );
}
