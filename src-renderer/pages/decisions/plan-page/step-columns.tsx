import { Group } from '@mantine/core';
import type { PlanStep } from '../../../../common/contracts/index.ts';
import { formatDuration } from '../../../../common/units/index.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { StepMark } from '../step-mark.tsx';
import { stepWords } from '../step-words.ts';

/** Columns of the steps of a long plan. */
export const stepColumns: readonly TableColumn<PlanStep>[] = [
  { id: 'step', header: 'Step', align: 'right', value: ({ index }) => index + 1 },
  { id: 'wave', header: 'Wave', align: 'right', value: ({ wave }) => wave },
  {
    id: 'about',
    header: 'Node or pod',
    value: ({ node, pod }) => (pod ? `${pod.namespace}/${pod.name}` : (node?.name ?? '')),
  },
  { id: 'does', header: 'What it does', grows: true, value: stepWords },
  {
    id: 'state',
    header: 'State',
    value: ({ state }) => state,
    cell: ({ state }) => (
      <Group gap={6} wrap="nowrap">
        <StepMark state={state} />
        {state}
      </Group>
    ),
  },
  {
    id: 'took',
    header: 'Took',
    csvHeader: 'Took (ms)',
    align: 'right',
    value: ({ startedAt, endedAt }) => (startedAt === null || endedAt === null ? null : endedAt - startedAt),
    cell: ({ startedAt, endedAt }) =>
      startedAt === null || endedAt === null ? '' : formatDuration(endedAt - startedAt),
  },
  { id: 'detail', header: 'Where it stands', grows: true, value: ({ detail }) => detail ?? '' },
];
