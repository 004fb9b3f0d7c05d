import { Group, Loader, Text, Tooltip } from '@mantine/core';
import { Link } from 'wouter';
import { counted } from '../components/number-text.ts';
import { pagePart } from '../connection/api-path.ts';
import { useLive } from '../connection/use-live.ts';

/** Clusters of kubeconfigs that are read or planned for now, found again from every page. */
export function RunningReadings() {
  const running = [...(useLive('context-plans').values?.values() ?? [])].filter(
    ({ endedAt }) => endedAt === null,
  );
  const [first] = running;
  if (!first) return null;
  const more = running.length > 1 ? ` and ${running.length - 1} more` : '';
  return (
    <Tooltip label={`${first.context}, ${counted(first.objects, 'object')}${more}. Opens the plan.`}>
      <Link
        href={`/clusters/kubeconfig/${pagePart(first.id)}`}
        style={{ textDecoration: 'none', color: 'inherit' }}
      >
        <Group gap={8} wrap="nowrap">
          <Loader size={14} aria-hidden />
          <Text size="xs" fw={560}>
            {first.state === 'planning' ? 'Planning' : 'Reading a cluster'}
          </Text>
        </Group>
      </Link>
    </Tooltip>
  );
}
