import { Group, Progress, Text } from '@mantine/core';
import { api, type ImportProgress } from '../../../../common/contracts/index.ts';
import { counted, formatCount, formatPercent } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import { type Tone, ToneBadge } from '../../../components/tone-badge.tsx';
import type { ArchiveOrder } from '../../../connection/archive-uploads.ts';
import { useAct } from '../../../connection/use-call.ts';
import { ImportResult } from './import-result.tsx';

const STATES: Readonly<Record<ImportProgress['state'], readonly [Tone, string]>> = {
  queued: ['neutral', 'Waits for its turn'],
  running: ['busy', 'Running'],
  succeeded: ['good', 'Imported'],
  failed: ['risk', 'Not imported'],
  cancelled: ['neutral', 'Stopped; rows on disk stay and vouch for no time'],
};

/** An import as it goes on, or what came of it. `onAgain` is there while this window still holds the file. */
export function ImportLine(props: {
  readonly job: ImportProgress;
  readonly onAgain: ((changed: Partial<ArchiveOrder>) => void) | undefined;
}) {
  const { job, onAgain } = props;
  const stop = useAct(api.imports.cancelImport);
  const isGoing = job.state === 'running' || job.state === 'queued';
  const [tone, words] = STATES[job.state];
  return (
    <article className="co-line-item" aria-label={`Import of ${job.fileName}`}>
      <div style={{ flex: 1, minWidth: 0, display: 'grid', gap: 6 }}>
        <Group justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
            <ToneBadge tone={tone}>{words}</ToneBadge>
            <Text fw={560} truncate title={job.fileName}>
              {job.fileName}
            </Text>
            {job.endedAt === null ? null : (
              <Text size="sm" c="dimmed" component="span">
                <RelativeTime at={job.endedAt} />
              </Text>
            )}
          </Group>
          {isGoing ? (
            <RoleButton
              needs="operator"
              size="xs"
              variant="default"
              label="Stop the import"
              loading={stop.isPending}
              onClick={() => stop.mutate({ params: { job: job.jobId } })}
            />
          ) : null}
        </Group>
        {isGoing ? (
          <>
            <Progress.Root size="md">
              <Progress.Section value={job.percent} aria-label={`Import of ${job.fileName}`} />
            </Progress.Root>
            <Text size="sm" c="dimmed" role="status">
              {job.phase === 'reading' ? 'Reading it to its end, nothing is written yet' : 'Writing'}{' '}
              {formatPercent(Math.floor(job.percent))} · {counted(job.rows, 'row')} ·{' '}
              {formatCount(job.newRows)} new · {formatCount(job.rowsPerSecond)} rows/s
            </Text>
          </>
        ) : (
          <ImportResult job={job} onAgain={onAgain} />
        )}
      </div>
    </article>
  );
}
