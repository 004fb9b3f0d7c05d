import { Group, Tabs } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { lazy, Suspense, useMemo, useState } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import {
  type AgentHealth,
  api,
  type ClusterSummary,
  type NodeView,
} from '../../../common/contracts/index.ts';
import { valuesUnder } from '../../../common/live-values.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Figures } from '../../components/figures.tsx';
import { LiveProblem } from '../../components/live-problem.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { MoneyText } from '../../components/money-text.tsx';
import { ClusterMap } from '../../components/node-map/cluster-map.tsx';
import { counted, formatCount, formatShare } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useAct } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { ClusterStateBadge, costUnknownReason } from './cluster-columns.tsx';
import { nodeColumns } from './parts/node-columns.tsx';

const PodsTab = lazy(() => import('./parts/pods-tab.tsx').then(m => ({ default: m.PodsTab })));
const WorkloadsTab = lazy(() => import('./parts/workloads-tab.tsx').then(m => ({ default: m.WorkloadsTab })));
const EventsTab = lazy(() => import('./parts/events-tab.tsx').then(m => ({ default: m.EventsTab })));
const TasksTab = lazy(() => import('./parts/tasks-tab.tsx').then(m => ({ default: m.TasksTab })));
const AgentTab = lazy(() => import('./parts/agent-tab.tsx').then(m => ({ default: m.AgentTab })));
const NodeDrawer = lazy(() => import('./parts/node-drawer.tsx').then(m => ({ default: m.NodeDrawer })));
const RevokeAgent = lazy(() => import('./revoke-agent.tsx').then(m => ({ default: m.RevokeAgent })));
const NewNodes = lazy(() => import('./new-nodes.tsx').then(m => ({ default: m.NewNodes })));

const NOT_REPORTED = 'the agent has reported nothing yet';

/** One cluster: what it costs, its map, what is in it, what happens there, and how its agent is. */
export function ClusterPage() {
  const { id = '', tab = 'nodes', item } = useParams<{ id: string; tab?: string; item?: string }>();
  const [, go] = useLocation();
  const clusterId = decodeURIComponent(id);
  const { values, problem } = useLive(`cluster/${clusterId}`);
  const summary = values?.get('summary') as ClusterSummary | undefined;
  const agent = values?.get('agent') as AgentHealth | undefined;
  const nodes = useMemo(() => values && valuesUnder<NodeView>(values, 'node/'), [values]);
  const isUnknown = values === undefined ? problem !== undefined : summary === undefined;
  if (isUnknown)
    return (
      <EmptyState
        title="This cluster is not known"
        text={problem ?? 'It may have been removed.'}
        action={<Link href="/clusters">Show all clusters</Link>}
      />
    );
  const address = (part: string, of?: string) =>
    `/clusters/${pagePart(clusterId)}/${part}${of === undefined ? '' : `/${pagePart(of)}`}`;
  const openNode = (node: NodeView) => go(address('nodes', node.name));
  const nodeName = tab === 'nodes' && item !== undefined ? decodeURIComponent(item) : undefined;
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
          <ClusterMap nodes={nodes} onOpen={openNode} />
        )}
      </Card>
      <section className="co-card" aria-label="What is in the cluster">
        <Tabs value={tab} onChange={next => go(address(next ?? 'nodes'))} keepMounted={false}>
          <Tabs.List px="md" pt={6}>
            <Tabs.Tab value="nodes">
              Nodes {nodes && summary?.dataAt ? `(${formatCount(nodes.length)})` : ''}
            </Tabs.Tab>
            <Tabs.Tab value="pods">Pods {summary?.dataAt ? `(${formatCount(summary.pods)})` : ''}</Tabs.Tab>
            <Tabs.Tab value="workloads">Workloads</Tabs.Tab>
            <Tabs.Tab value="events">Events</Tabs.Tab>
            <Tabs.Tab value="tasks">Tasks</Tabs.Tab>
            <Tabs.Tab value="agent">Agent</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="nodes">
            {nodes ? (
              <DataTable
                label="Nodes"
                rows={nodes}
                rowKey={({ name }) => name}
                columns={nodeColumns}
                initialSort={{ id: 'price', desc: true }}
                onOpen={openNode}
                currentKey={nodeName}
                empty={<EmptyState title="No nodes yet" text="They come with the first inventory." />}
              />
            ) : (
              <LoadingRows />
            )}
          </Tabs.Panel>
          <Suspense fallback={<LoadingRows rows={8} />}>
            <Tabs.Panel value="pods">
              <PodsTab clusterId={clusterId} />
            </Tabs.Panel>
            <Tabs.Panel value="workloads">
              <WorkloadsTab clusterId={clusterId} />
            </Tabs.Panel>
            <Tabs.Panel value="events">
              <EventsTab clusterId={clusterId} newest={agent?.events ?? 0} />
            </Tabs.Panel>
            <Tabs.Panel value="tasks">
              <TasksTab
                clusterId={clusterId}
                version={agent?.tasksChanged ?? 0}
                openId={item === undefined ? undefined : decodeURIComponent(item)}
                onOpen={taskId => go(address('tasks', taskId))}
              />
            </Tabs.Panel>
            <Tabs.Panel value="agent">{agent ? <AgentTab agent={agent} /> : <LoadingRows />}</Tabs.Panel>
          </Suspense>
        </Tabs>
      </section>
      {nodeName === undefined ? null : (
        <Suspense fallback={null}>
          <NodeDrawer
            clusterId={clusterId}
            name={nodeName}
            node={nodes?.find(({ name }) => name === nodeName)}
            onClose={() => go(address('nodes'))}
          />
        </Suspense>
      )}
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
      <ClusterStateBadge cluster={summary} />
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
  const known = (count: number) => (summary?.dataAt ? formatCount(count) : 'unknown');
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
            ) : summary.nodesWithUnknownPrice > 0 ? (
              `without ${counted(summary.nodesWithUnknownPrice, 'node')} of unknown price`
            ) : (
              <MoneyText value={summary.costMicroUsdPerHour} per="month" />
            ),
        },
        {
          label: 'Nodes',
          value: summary && known(summary.nodes),
          below: summary?.dataAt ? `${formatCount(summary.spotNodes)} on Spot` : NOT_REPORTED,
        },
        {
          label: 'Pods',
          value: summary && known(summary.pods),
          below: summary?.dataAt ? counted(summary.pendingPods, 'pending', 'pending') : NOT_REPORTED,
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
  const rotate = useAct(api.clusters.rotateAgentKey, {
    onDone: () =>
      notifications.show({
        title: 'The key is being replaced',
        message:
          'The agent gets a new one over its connection, or as soon as it is connected; the old one ends when the new one is used.',
      }),
  });
  const find = useAct(api.decisions.trigger, { onDone: () => go('/decisions') });
  return (
    <>
      <RoleButton
        needs="admin"
        variant="default"
        label="Replace its key"
        loading={rotate.isPending}
        onClick={() => rotate.mutate({ params: { id: summary.id } })}
        why={summary.state === 'revoked' ? 'Its agent is revoked.' : undefined}
      />
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
      {isRevoking ? (
        <Suspense fallback={null}>
          <RevokeAgent summary={summary} onClose={() => setRevoking(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
