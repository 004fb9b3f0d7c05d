import { Badge, Button, Group, Text, Tooltip } from '@mantine/core';
import type { KubeconfigContext } from '../../../../common/contracts/index.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { UnknownText } from '../../../components/unknown-text.tsx';

/** Columns of contexts. @param plan begins to read the cluster of one; @param isBusy while that is being asked for */
export function contextColumns(
  plan: (context: KubeconfigContext) => void,
  isBusy: boolean,
): readonly TableColumn<KubeconfigContext>[] {
  return [
    {
      id: 'name',
      header: 'Context',
      grows: true,
      value: ({ name }) => name,
      cell: ({ name, isCurrent }) => (
        <Group gap={8} wrap="nowrap">
          <Text span inherit fw={600} truncate title={name}>
            {name}
          </Text>
          {isCurrent ? (
            <Badge variant="default" size="sm" style={{ flex: 'none' }}>
              current
            </Badge>
          ) : null}
        </Group>
      ),
    },
    {
      id: 'plan',
      header: 'Plan',
      value: () => null,
      cell: context =>
        context.problem === null ? (
          <Button
            size="xs"
            miw="max-content"
            loading={isBusy}
            aria-label={`Read and plan for ${context.name}`}
            onClick={() => plan(context)}
          >
            Read and plan
          </Button>
        ) : (
          <Tooltip label={context.problem}>
            <Button
              size="xs"
              miw="max-content"
              aria-disabled
              data-disabled
              aria-description={context.problem}
            >
              Cannot be used
            </Button>
          </Tooltip>
        ),
    },
    { id: 'cluster', header: 'Cluster', value: ({ cluster }) => cluster, hidden: true },
    {
      id: 'server',
      header: 'Server',
      value: ({ server }) => server,
      cell: ({ server, problem }) =>
        server ?? <UnknownText reason={problem ?? 'No file describes its cluster.'} />,
    },
    {
      id: 'namespace',
      header: 'Namespace',
      hint: 'That of kubectl; a plan is for the whole cluster',
      value: ({ namespace }) => namespace ?? 'default',
    },
    {
      id: 'signs-in',
      header: 'Signs in',
      hint: 'A program that the kubeconfig names runs only when you ask for a plan',
      value: ({ runs }) => runs ?? 'from the file',
      cell: ({ runs }) => (runs === null ? 'from the file' : `runs ${runs}`),
    },
    {
      id: 'file',
      header: 'File',
      grows: true,
      value: ({ file }) => file,
      cell: ({ file }) => (
        <Text span inherit truncate title={file} display="block" maw={320}>
          {file}
        </Text>
      ),
    },
  ];
}
