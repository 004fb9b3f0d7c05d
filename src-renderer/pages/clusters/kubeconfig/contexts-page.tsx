import { Alert, Code, List, Text } from '@mantine/core';
import { IconAlertTriangle, IconFileSearch } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { api, type KubeconfigContext } from '../../../../common/contracts/index.ts';
import { MS_PER_SECOND } from '../../../../common/units/index.ts';
import { Card } from '../../../components/card.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { counted } from '../../../components/number-text.ts';
import { PageHeader } from '../../../components/page-header.tsx';
import { useMay } from '../../../connection/connection-context.ts';
import { useAct, useRead } from '../../../connection/use-call.ts';
import { useLive } from '../../../connection/use-live.ts';
import { contextColumns } from './context-columns.tsx';
import { contextPlanColumns } from './context-plan-columns.tsx';

/** The files may be written anew at any time; the engine looks at them whenever it is asked. */
const LOOK_EVERY_MS = 2 * MS_PER_SECOND;

/** Contexts of the kubeconfigs of the engine's machine: one of them is read, and a plan made for it. */
export function ContextsPage() {
  const [, go] = useLocation();
  const may = useMay('operator');
  const found = useRead(api.contextPlans.listContexts, {}, { enabled: may, refetchMs: LOOK_EVERY_MS });
  const { values } = useLive('context-plans');
  const plans = [...(values?.values() ?? [])];
  const start = useAct(api.contextPlans.startContextPlan, {
    onDone: ({ id }) => go(`/clusters/kubeconfig/${id}`),
  });
  const { isPending, mutate } = start;
  const columns = useMemo(
    () => contextColumns(({ name, file }) => mutate({ body: { context: name, file } }), isPending),
    [mutate, isPending],
  );
  const contexts = found.data?.contexts;
  return (
    <>
      <PageHeader
        title="Plan from a kubeconfig"
        sentence={
          may
            ? `${contexts === undefined ? 'Looking…' : counted(contexts.length, 'context')} on this machine. A plan reads its cluster by GET alone, with your own credentials; nothing is installed, nothing is written.`
            : 'This needs the role "operator". Ask an administrator.'
        }
      />
      {found.error ? <ErrorState error={found.error} onRetry={() => void found.refetch()} /> : null}
      <Problems problems={found.data?.problems ?? []} />
      {may ? (
        <Card title="Contexts" padded={false}>
          {contexts === undefined ? (
            <LoadingRows rows={4} />
          ) : (
            <DataTable
              label="Contexts"
              rows={contexts}
              rowKey={keyOf}
              columns={columns}
              initialSort={{ id: 'name', desc: false }}
              empty={<NoContexts />}
            />
          )}
        </Card>
      ) : null}
      {plans.length === 0 ? null : (
        <Card title="Plans of this session" padded={false}>
          <DataTable
            label="Plans from kubeconfigs"
            rows={plans}
            rowKey={({ id }) => id}
            columns={contextPlanColumns}
            initialSort={{ id: 'started', desc: true }}
            onOpen={({ id }) => go(`/clusters/kubeconfig/${id}`)}
            tools={false}
          />
        </Card>
      )}
    </>
  );
}

function keyOf({ name, file }: KubeconfigContext): string {
  return `${file}/${name}`;
}

/** Files that cannot be used, while the others can. */
function Problems({ problems }: { readonly problems: readonly string[] }) {
  if (problems.length === 0) return null;
  return (
    <Alert
      icon={<IconAlertTriangle size={20} />}
      title="Not all kubeconfigs can be used"
      color="orange"
      variant="light"
      styles={{ title: { color: 'var(--co-risk-text)' }, icon: { color: 'var(--co-risk-text)' } }}
    >
      <List size="sm">
        {problems.map(problem => (
          <List.Item key={problem}>{problem}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

function NoContexts() {
  return (
    <EmptyState
      icon={<IconFileSearch size={34} stroke={1.4} />}
      title="No kubeconfig names a context"
      text={
        <Text>
          The files that <Code>KUBECONFIG</Code> names, <Code>~/.kube/config</Code> and those of the chosen
          folder are looked at every few seconds. The tool of your cloud writes one, e.g.{' '}
          <Code>aws eks update-kubeconfig</Code>.
        </Text>
      }
    />
  );
}
