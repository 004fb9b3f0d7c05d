import { Button, CloseButton, Group, Progress, Text } from '@mantine/core';
import { formatBytes, formatDuration } from '../../../../common/units/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { formatPercent } from '../../../components/number-text.ts';
import type { ArchiveUpload } from '../../../connection/archive-uploads.ts';
import { archiveUploads } from '../../../connection/use-archive-uploads.ts';

/** A file on its way to the server: progress and Cancel, or why it did not arrive. */
export function UploadLine(props: { readonly upload: ArchiveUpload; readonly onAgain: () => void }) {
  const { upload, onAgain } = props;
  const { id, file } = upload;
  const isOnTheWay = upload.phase === 'sending' || upload.phase === 'waiting';
  return (
    <div className="co-line-item">
      <div style={{ flex: 1, minWidth: 0, display: 'grid', gap: 6 }}>
        {upload.phase === 'failed' ? (
          <>
            <Text fw={560}>{file.name} did not arrive</Text>
            <ErrorState error={upload.error} onRetry={onAgain} />
          </>
        ) : upload.phase === 'cancelled' ? (
          <Text role="status">The upload of {file.name} was cancelled; nothing of it was kept.</Text>
        ) : (
          <>
            <Group justify="space-between" wrap="nowrap">
              <Text fw={560} truncate role="status">
                {upload.phase === 'waiting' ? `${file.name} waits for its turn` : `Sending ${file.name}`}{' '}
                {upload.phase === 'sending'
                  ? formatPercent(Math.floor((100 * upload.sent) / Math.max(1, upload.total)))
                  : ''}
              </Text>
              <Button
                size="xs"
                variant="default"
                aria-label={`Cancel the upload of ${file.name}`}
                onClick={() => archiveUploads.cancel(id)}
              >
                Cancel
              </Button>
            </Group>
            <Progress.Root size="md">
              <Progress.Section
                value={upload.phase === 'sending' ? (100 * upload.sent) / Math.max(1, upload.total) : 0}
                aria-label={`Upload of ${file.name}`}
              />
            </Progress.Root>
            <Text size="sm" c="dimmed">
              {upload.phase === 'sending'
                ? `${formatBytes(upload.sent)} of ${formatBytes(upload.total)}${upload.speed ? ` · ${formatBytes(upload.speed.bytesPerSecond)}/s · ${formatDuration(upload.speed.etaMs)} left` : ''}`
                : formatBytes(file.size)}
            </Text>
          </>
        )}
      </div>
      {isOnTheWay ? null : (
        <CloseButton aria-label={`Put ${file.name} away`} onClick={() => archiveUploads.dismiss(id)} />
      )}
    </div>
  );
}
