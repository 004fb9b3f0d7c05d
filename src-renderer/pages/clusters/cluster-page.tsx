import { Button, Group, Modal, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { api, type ClusterSummary, type NodeView, type PodView } from '../../../common/contracts/index.ts';
import { valuesUnder } from '../../../common/live-values.ts';
import { Card } from '../../components/card.tsx';
import { ClusterMap } from '../../components/cluster-map.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Figures } from '../../components/figures.tsx';
import { LiveProblem } from '../../components/live-problem.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { MoneyText } from '../../components/money-text.tsx';
import { counted, formatCount, formatShare } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { useAct } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { ClusterStateBadge, costUnknownReason } from './cluster-columns.tsx';
import { nodeColumns, podColumns } from './node-columns.tsx';

const NewNodes = lazy(() => import('./new-nodes.tsx').then(m => ({ default: m.NewNodes })));

/** One cluster: what it costs, its map, nodes and pods. */
export function ClusterPage() {
  const { id = '' } = useParams<{ id: string }>();
  const clusterId = decodeURIComponent(id);
  const { values, problem } = useLive(`cluster/${clusterId}`);
  const summary = values?.get('summary') as ClusterSummary | undefined;
  const nodes = useMemo(() => values && valuesUnder<NodeView>(values, 'node/'), [values]);
  const pods = useMemo(() => values && valuesUnder<PodView>(values, 'pod/'), [values]);
  if (values !== undefined && summary === undefined)
    return (
      <EmptyState
        title="This cluster is not known"
        text="It may have been removed. The Clusters page lists them all."
      />
    );
  return (
    <>
      <PageHeader
        title={summary?.name ?? 'Cluster'}
        sentence={summary ? <Sentence summary={summary} /> : 'Asking…'}
        actions={summary ? <ClusterActions summary={summary} /> : null}
      />
      <LiveProblem problem={problem} />
      <ClusterFigures summary={summary} />
      <Card title="Map" label="Cluster map">
        {nodes === undefined ? (
          <LoadingRows rows={6} />
        ) : nodes.length === 0 ? (
          <EmptyState
            title="No nodes yet"
            text="They appear as soon as the agent has sent its first inventory."
          />
        ) : (
          <ClusterMap nodes={nodes} />
        )}
      </Card>
      <section className="co-card" aria-label="Nodes and pods">
        <Tabs defaultValue="nodes" keepMounted={false}>
          <Tabs.List px="md" pt={6}>
            <Tabs.Tab value="nodes">Nodes {nodes ? `(${formatCount(nodes.length)})` : ''}</Tabs.Tab>
            <Tabs.Tab value="pods">Pods {pods ? `(${formatCount(pods.length)})` : ''}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="nodes">
            {nodes ? (
              <DataTable
                label="Nodes"
                rows={nodes}
                rowKey={({ name }) => name}
                columns={nodeColumns}
                initialSort={{ id: 'price', desc: true }}
              />
            ) : (
              <LoadingRows />
            )}
          </Tabs.Panel>
          <Tabs.Panel value="pods">
            {pods ? (
              <DataTable
                label="Pods"
                rows={pods}
                rowKey={({ namespace, name }) => `${namespace}/${name}`}
                columns={podColumns}
                initialSort={{ id: 'namespace', desc: false }}
              />
            ) : (
              <LoadingRows />
            )}
          </Tabs.Panel>
        </Tabs>
      </section>
      {summary ? (
        <Suspense fallback={<LoadingRows rows={2} />}>
          <NewNodes
            cluster={summary}
            zones={[...new Set((nodes ?? []).flatMap(({ zone }) => zone ?? []))].toSorted()}
          />
        </Suspense>
      ) : null}
    </>
  );
}

function Sentence({ summary }: { readonly summary: ClusterSummary }) {
  return (
    <Group gap={8}>
      <ClusterStateBadge state={summary.state} />
      <span>
        {summary.region ?? 'region unknown'}, agent {summary.agentVersion ?? 'not connected yet'}
        {summary.lastSeenAt === null ? null : (
          <>
            , heard <RelativeTime at={summary.lastSeenAt} />
          </>
        )}
      </span>
    </Group>
  );
}

function ClusterFigures({ summary }: { readonly summary: ClusterSummary | undefined }) {
  const shareText = (share: number | null) => (share === null ? 'unknown' : formatShare(share));
  return (
    <Figures
      figures={[
        {
          label: 'Cost now',
          value: summary && (
            <MoneyText value={summary.costMicroUsdPerHour} per="hour" unknown={costUnknownReason(summary)} />
          ),
          below:
            summary === undefined || summary.costMicroUsdPerHour === null ? (
              ' '
            ) : (
              <MoneyText value={summary.costMicroUsdPerHour} per="month" />
            ),
        },
        {
          label: 'Nodes',
          value: summary && formatCount(summary.nodes),
          below: summary && `${formatCount(summary.spotNodes)} on Spot`,
        },
        {
          label: 'Pods',
          value: summary && formatCount(summary.pods),
          below: summary && counted(summary.pendingPods, 'pending', 'pending'),
        },
        {
          label: 'CPU requested',
          value: summary && shareText(summary.requestedCpuShare),
          below: summary && `memory ${shareText(summary.requestedMemoryShare)}`,
        },
      ]}
    />
  );
}

function ClusterActions({ summary }: { readonly summary: ClusterSummary }) {
  const [, go] = useLocation();
  const [isRevoking, setRevoking] = useState(false);
  const find = useAct(api.decisions.trigger, { onDone: () => go('/decisions') });
  return (
    <>
      <RoleButton
        needs="admin"
        variant="default"
        label="Revoke the agent"
        onClick={() => setRevoking(true)}
        why={summary.state === 'revoked' ? 'Its agent is revoked already.' : undefined}
      />
      <RoleButton
        needs="operator"
        label="Find savings"
        loading={find.isPending}
        why={summary.state === 'live' ? undefined : 'The agent of this cluster is not connected.'}
        onClick={() => find.mutate({ body: { clusterId: summary.id, engine: 'spot' } })}
      />
      <RevokeAgent summary={summary} isOpen={isRevoking} onClose={() => setRevoking(false)} />
    </>
  );
}

function RevokeAgent({
  summary,
  isOpen,
  onClose,
}: {
  readonly summary: ClusterSummary;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  const revoke = useAct(api.clusters.revokeAgent, { onDone: onClose });
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={`Revoke the agent of ${summary.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text size="sm">
          Its connection is cut at once and its key never works again. Running plans stop where they are.
          There is no undo; to connect the cluster again, create a new join token.
        </Text>
        <TextInput
          label={`Type ${summary.name} to confirm`}
          value={typed}
          onChange={event => setTyped(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <Button
            color="red"
            disabled={typed !== summary.name}
            loading={revoke.isPending}
            onClick={() => revoke.mutate({ params: { id: summary.id } })}
          >
            Revoke
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
