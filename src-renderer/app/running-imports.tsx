import { Group, Progress, Text, Tooltip } from '@mantine/core';
import { Link } from 'wouter';
import { formatCount } from '../components/number-text.ts';
import { useArchiveUploads } from '../connection/use-archive-uploads.ts';
import { useLive } from '../connection/use-live.ts';

/** Files of prices that are sent or imported now, found again from every page. */
export function RunningImports() {
  const sending = useArchiveUploads().find(({ phase }) => phase === 'sending');
  const job = [...(useLive('imports').values?.values() ?? [])].find(({ state }) => state === 'running');
  if (!sending && !job) return null;
  const percent =
    sending?.phase === 'sending' ? (100 * sending.sent) / Math.max(1, sending.total) : (job?.percent ?? 0);
  const hint = sending
    ? `Sending ${sending.file.name}`
    : `${job?.fileName}, ${formatCount(job?.rows ?? 0)} rows`;
  return (
    <Tooltip label={`${hint}. Opens the imports.`}>
      <Link href="/market/import" style={{ textDecoration: 'none', color: 'inherit' }}>
        <Group gap={8} wrap="nowrap">
          <Text size="xs" fw={560}>
            Importing prices
          </Text>
          <Progress value={percent} w={72} size="sm" aria-hidden />
        </Group>
      </Link>
    </Tooltip>
  );
}
