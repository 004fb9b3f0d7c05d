import { Group } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { api, type ClusterSummary } from '../../../common/contracts/index.ts';
import { MS_PER_MINUTE } from '../../../common/units/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Figures } from '../../components/figures.tsx';
import { LiveProblem } from '../../components/live-problem.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { MoneyText } from '../../components/money-text.tsx';
import { useNow } from '../../components/now.ts';
import { counted, formatCount } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useRead } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { type ClusterRow, clusterColumns } from './cluster-columns.tsx';
import { ConnectCluster } from './connect-cluster.tsx';
import { PlanFromKubeconfig } from './kubeconfig/plan-from-kubeconfig.tsx';

/** All clusters with their nodes, pods and hourly cost. */
export function ClustersPage() {
  const [, go] = useLocation();
  const [isConnecting, setConnecting] = useState(false);
  const { values, problem } = useLive('clusters');
  const nowMs = useNow(MS_PER_MINUTE);
  const saved = useRead(
    api.savings.report,
    { query: { groupBy: 'cluster', fromMs: monthStart(nowMs) } },
    { refetchMs: MS_PER_MINUTE },
  ).data;
  const clusters = useMemo(
    () =>
      values &&
      [...values.values()].map(
        (cluster): ClusterRow => ({
          ...cluster,
          savedMicroUsd: saved && (saved.rows.find(({ key }) => key === cluster.id)?.realizedMicroUsd ?? 0),
        }),
      ),
    [values, saved],
  );
  const connect = <RoleButton needs="admin" label="Connect a cluster" onClick={() => setConnecting(true)} />;
  return (
    <>
      <PageHeader
        title="Clusters"
        sentence={clusters === undefined ? 'Asking…' : clustersSentence(clusters)}
        actions={
          <>
            <PlanFromKubeconfig />
            {connect}
          </>
        }
      />
      <LiveProblem problem={problem} />
      {clusters?.length === 0 ? null : <ClusterFigures clusters={clusters} />}
      <Card title="All clusters" padded={false}>
        {clusters === undefined ? (
          <LoadingRows rows={4} />
        ) : (
          <DataTable
            label="Clusters"
            rows={clusters}
            rowKey={({ id }) => id}
            columns={clusterColumns}
            initialSort={{ id: 'name', desc: false }}
            onOpen={({ id }) => go(`/clusters/${pagePart(id)}`)}
            empty={
              <EmptyState
                icon={<IconStack2 size={34} stroke={1.4} />}
                title="No cluster is connected"
                text="A light agent in each cluster reports its nodes and pods, and carries out what you approve. It connects outward; nothing in the cluster is opened."
                action={
                  <Group>
                    <PlanFromKubeconfig />
                    {connect}
                  </Group>
                }
              />
            }
          />
        )}
      </Card>
      <ConnectCluster isOpen={isConnecting} onClose={() => setConnecting(false)} />
    </>
  );
}

/** How the clusters are, in words. */
function clustersSentence(clusters: readonly ClusterSummary[]): string {
  if (clusters.length === 0) return 'No cluster is connected.';
  const live = clusters.filter(({ state }) => state === 'live').length;
  const away = clusters.filter(({ state }) => state === 'away').map(({ name }) => name);
  const rest = away.length === 0 ? '' : ` The agent of ${away.join(', ')} is away.`;
  return `${live} of ${counted(clusters.length, 'cluster')} live.${rest}`;
}

function ClusterFigures({ clusters }: { readonly clusters: readonly ClusterSummary[] | undefined }) {
  const sum = (pick: (cluster: ClusterSummary) => number) =>
    clusters?.reduce((total, cluster) => total + pick(cluster), 0) ?? 0;
  const known = clusters?.filter(({ costMicroUsdPerHour }) => costMicroUsdPerHour !== null) ?? [];
  const cost = known.length === 0 ? null : sum(cluster => cluster.costMicroUsdPerHour ?? 0);
  const unknown = sum(({ nodesWithUnknownPrice }) => nodesWithUnknownPrice);
  const isReady = clusters !== undefined;
  return (
    <Figures
      figures={[
        {
          label: 'Cost now',
          value: isReady ? (
            <MoneyText value={cost} per="hour" unknown="The price of no node is known yet." />
          ) : undefined,
          below: unknown > 0 ? `without ${counted(unknown, 'node')} of unknown price` : 'all prices known',
        },
        {
          label: 'Nodes',
          value: isReady ? formatCount(sum(({ nodes }) => nodes)) : undefined,
          below: `${formatCount(sum(({ spotNodes }) => spotNodes))} on Spot`,
        },
        {
          label: 'Pods',
          value: isReady ? formatCount(sum(({ pods }) => pods)) : undefined,
          below: `${formatCount(sum(({ pendingPods }) => pendingPods))} pending`,
        },
      ]}
    />
  );
}

/** Begin of the month of a moment, UTC, as the ledger counts months. */
function monthStart(atMs: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}
