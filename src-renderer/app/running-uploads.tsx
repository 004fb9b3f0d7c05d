import { Group, Progress, Text, Tooltip } from '@mantine/core';
import { Link } from 'wouter';
import { formatDuration } from '../../common/units/index.ts';
import { counted } from '../components/number-text.ts';
import type { Upload } from '../connection/model-uploads.ts';
import { useModelUploads } from '../connection/use-model-uploads.ts';

/** Uploads that run or wait for a manifest, found again from every page. */
export function RunningUploads() {
  const uploads = useModelUploads();
  const current = uploads.find(({ phase }) => phase === 'sending' || phase === 'reading');
  const drafts = uploads.filter(({ phase }) => phase === 'draft').length;
  if (!current && drafts === 0) return null;
  return (
    <Tooltip label={current ? hintOf(current) : 'Say what they are for. Opens the models.'}>
      <Link href="/models" style={{ textDecoration: 'none', color: 'inherit' }}>
        {current ? (
          <Group gap={8} wrap="nowrap">
            <Text size="xs" fw={560}>
              {current.phase === 'sending' ? 'Uploading' : 'Reading'}
            </Text>
            <Progress
              value={current.phase === 'sending' ? (100 * current.sent) / Math.max(1, current.total) : 100}
              w={72}
              size="sm"
              aria-hidden
            />
          </Group>
        ) : (
          <Text size="xs" fw={560}>
            {counted(drafts, 'upload')} {drafts === 1 ? 'waits' : 'wait'} for a manifest
          </Text>
        )}
      </Link>
    </Tooltip>
  );
}

function hintOf(upload: Upload): string {
  if (upload.phase !== 'sending') return `${upload.fileName} is being read. Opens the models.`;
  const left = upload.speed ? `, ${formatDuration(upload.speed.etaMs)} left` : '';
  return `${upload.fileName}${left}. Opens the models.`;
}
