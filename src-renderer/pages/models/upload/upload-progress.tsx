import { Button, Group, Progress, Text } from '@mantine/core';
import { formatBytes, formatDuration } from '../../../../common/units/index.ts';
import { formatPercent } from '../../../components/number-text.ts';
import type { Upload } from '../../../connection/model-uploads.ts';
import { modelUploads } from '../../../connection/use-model-uploads.ts';

/** An upload that waits, is sent, is read, or was cancelled. */
export function UploadProgress({ upload }: { readonly upload: Upload }) {
  const { id, fileName } = upload;
  const isSending = upload.phase === 'sending';
  const percent = isSending ? Math.floor((100 * upload.sent) / Math.max(1, upload.total)) : 100;
  const isCancellable = isSending || upload.phase === 'waiting';
  return (
    <div style={{ display: 'grid', gap: 6 }}>
      <Group justify="space-between" wrap="nowrap">
        <Text fw={560} truncate title={fileName} role="status">
          {titleOf(upload, percent)}
        </Text>
        {isCancellable ? (
          <Button
            size="xs"
            variant="default"
            style={{ flex: 'none' }}
            aria-label={`Cancel the upload of ${fileName}`}
            onClick={() => modelUploads.cancel(id)}
          >
            Cancel
          </Button>
        ) : null}
      </Group>
      {isSending || upload.phase === 'reading' ? (
        <Progress.Root size="md">
          <Progress.Section
            value={percent}
            aria-label={`Upload of ${fileName}`}
            animated={upload.phase === 'reading'}
          />
        </Progress.Root>
      ) : null}
      <Text size="sm" c="dimmed">
        {factsOf(upload)}
      </Text>
    </div>
  );
}

function titleOf(upload: Upload, percent: number): string {
  if (upload.phase === 'sending') return `Uploading ${upload.fileName}, ${formatPercent(percent)}`;
  if (upload.phase === 'reading') return `Reading ${upload.fileName}…`;
  if (upload.phase === 'waiting') return `${upload.fileName} waits for its turn`;
  return `The upload of ${upload.fileName} was cancelled`;
}

function factsOf(upload: Upload): string {
  if (upload.phase === 'reading')
    return 'It is read as data, converted where it is no ONNX, and tried in a process of its own; nothing in it is run.';
  if (upload.phase === 'waiting') return `${formatBytes(upload.bytes)}; one file is sent at a time`;
  if (upload.phase !== 'sending') return 'Nothing of it was kept.';
  const { sent, total, speed } = upload;
  const rate = speed ? `${formatBytes(speed.bytesPerSecond)}/s` : undefined;
  const left = speed ? `${formatDuration(speed.etaMs)} left` : 'time left unknown';
  return [`${formatBytes(sent)} of ${formatBytes(total)}`, rate, left].filter(Boolean).join(' · ');
}
