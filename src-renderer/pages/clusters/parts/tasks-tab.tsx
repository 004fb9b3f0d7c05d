import { Text } from '@mantine/core';
import { api, type TaskView } from '../../../../common/contracts/index.ts';
import { formatDuration } from '../../../../common/units/index.ts';
import { DetailDrawer } from '../../../components/detail-drawer.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { ToneBadge } from '../../../components/tone-badge.tsx';
import { UnknownText } from '../../../components/unknown-text.tsx';
import { usePages } from '../../../connection/use-pages.ts';
import { PagesTable } from './pages-table.tsx';
import { taskStateWords, taskTitle } from './task-words.ts';

const columns: readonly TableColumn<TaskView>[] = [
  { id: 'epoch', header: 'No.', align: 'right', value: task => task.epoch },
  { id: 'title', header: 'Task', value: taskTitle },
  {
    id: 'state',
    header: 'State',
    value: task => taskStateWords[task.state].text,
    cell: task => (
      <ToneBadge tone={taskStateWords[task.state].tone}>{taskStateWords[task.state].text}</ToneBadge>
    ),
  },
  {
    id: 'detail',
    header: 'Last word',
    value: task => task.detail,
    cell: task => task.detail ?? <UnknownText reason="The agent has said nothing of it yet." />,
    grows: true,
  },
  { id: 'actor', header: 'Ordered by', value: task => task.actor },
  {
    id: 'created',
    header: 'Ordered',
    csvHeader: 'Ordered (ms UTC)',
    value: task => task.createdAt,
    cell: task => <RelativeTime at={task.createdAt} />,
  },
  {
    id: 'steps',
    header: 'Reports',
    align: 'right',
    value: task => task.steps.length,
    hidden: true,
  },
];

/** What the agent was told to do, and what it reported of each step. @param version changes when a task does */
export function TasksTab(props: {
  readonly clusterId: string;
  readonly version: number;
  /** Of the task that is open, if any. */
  readonly openId: string | undefined;
  readonly onOpen: (id: string | undefined) => void;
}) {
  const { clusterId, version, openId, onOpen } = props;
  const read = usePages(api.clusterParts.listTasks, { id: clusterId }, 'before', { version });
  const open = read.data?.find(({ id }) => id === openId);
  return (
    <>
      <PagesTable
        label="Tasks"
        read={read}
        rowKey={({ id }) => id}
        columns={columns}
        sort={{ id: 'epoch', desc: true }}
        onOpen={({ id }) => onOpen(id)}
        currentKey={openId}
        empty={
          <EmptyState
            title="The agent has had nothing to do"
            text="Approved plans become tasks: cordon, drain, evict, resize. Each is listed here with what the agent reported of it."
          />
        }
      />
      <DetailDrawer
        title={open ? taskTitle(open) : 'Task'}
        isOpen={openId !== undefined}
        onClose={() => onOpen(undefined)}
      >
        {open ? (
          <TaskDetails task={open} />
        ) : read.data ? (
          <EmptyState title="This task is not known" text="It may be of another cluster." />
        ) : null}
      </DetailDrawer>
    </>
  );
}

function TaskDetails({ task }: { readonly task: TaskView }) {
  const { state, dryRun, actor, createdAt, deadlineAt, steps, isCancelRequested } = task;
  return (
    <>
      <div>
        <ToneBadge tone={taskStateWords[state].tone}>{taskStateWords[state].text}</ToneBadge>
        <Text mt={8}>
          Order {task.epoch} for this cluster, by {actor}, <RelativeTime at={createdAt} />.
          {dryRun ? ' A trial: nothing is changed.' : ''}
          {isCancelRequested ? ' Its end was asked for.' : ''}
        </Text>
        <Text size="sm" c="dimmed">
          The agent had {formatDuration(deadlineAt - createdAt)} for it.
        </Text>
      </div>
      {steps.length === 0 ? (
        <Text c="dimmed">The agent has said nothing of it yet.</Text>
      ) : (
        <ol aria-label="Steps" style={{ margin: 0, paddingLeft: 22, display: 'grid', gap: 8 }}>
          {steps.map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end.
            <li key={index}>
              <Text>{step.detail === '' ? taskStateWords[step.state].text : step.detail}</Text>
              <Text size="sm" c="dimmed">
                {taskStateWords[step.state].text}, {formatDuration(Math.max(0, step.at - createdAt))} after
                the order
              </Text>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
