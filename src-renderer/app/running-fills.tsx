import { Group, Progress, Text, Tooltip } from '@mantine/core';
import { Link } from 'wouter';
import { formatDuration } from '../../common/units/index.ts';
import { formatCount, formatPercent } from '../components/number-text.ts';
import { pagePart } from '../connection/api-path.ts';
import { useLive } from '../connection/use-live.ts';

/** Gap fills that run now, found again from every page. */
export function RunningFills() {
  const fills = [...(useLive('fills').values?.values() ?? [])].filter(
    ({ state }) => state === 'running' || state === 'queued',
  );
  const [first] = fills;
  if (!first) return null;
  const more = fills.length > 1 ? ` and ${fills.length - 1} more` : '';
  const eta = first.etaMs === null ? 'time left unknown' : `${formatDuration(first.etaMs)} left`;
  return (
    <Tooltip
      label={`${formatCount(first.rows)} rows, ${eta}${more}. Opens the ${first.modelId === null ? 'market' : 'model'}.`}
    >
      <Link
        href={first.modelId === null ? '/market/coverage' : `/models/${pagePart(first.modelId)}`}
        style={{ textDecoration: 'none', color: 'inherit' }}
      >
        <Group gap={8} wrap="nowrap">
          <Text size="xs" fw={560}>
            Filling gap
          </Text>
          <Progress value={first.percent} w={72} size="sm" aria-hidden />
          <Text size="xs" c="dimmed" w={40}>
            {formatPercent(Math.floor(first.percent))}
          </Text>
        </Group>
      </Link>
    </Tooltip>
  );
}
