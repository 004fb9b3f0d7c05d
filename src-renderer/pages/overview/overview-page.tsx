import { SimpleGrid, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Link, useLocation } from 'wouter';
import {
  api,
  type ClusterSummary,
  type Model,
  type Plan,
  type SavingsSummary,
} from '../../../common/contracts/index.ts';
import { valuesUnder } from '../../../common/live-values.ts';
import { MS_PER_DAY } from '../../../common/units/index.ts';
import { useScope } from '../../app/scope.tsx';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Figures } from '../../components/figures.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { MoneyText, moneyText } from '../../components/money-text.tsx';
import { useNow } from '../../components/now.ts';
import { counted, formatCount } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useRead } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { clusterColumns } from '../clusters/cluster-columns.tsx';
import { shortPlanColumns } from '../decisions/plan-columns.tsx';
import { attentionOf } from './attention.ts';
import { ModelGaps } from './model-gaps.tsx';

const CostChart = lazy(() =>
  import('../../components/charts/cost-chart.tsx').then(m => ({ default: m.CostChart })),
);
const SHORT = ['name', 'state', 'cost', 'nodes'];
const shortClusterColumns = clusterColumns.filter(({ id }) => SHORT.includes(id));

/** Is anything wrong, what is paid and saved, what waits for an approval. */
export function OverviewPage() {
  const [, go] = useLocation();
  const { clusterId } = useScope();
  const clusterValues = useLive('clusters').values;
  const decisions = useLive('decisions').values;
  const models = [...(useLive('models').values?.values() ?? [])];
  const summary = useLive('savings').values?.get('summary') as SavingsSummary | undefined;
  const isInScope = (id: string) => clusterId === undefined || id === clusterId;
  const clusters = clusterValues && [...clusterValues.values()].filter(({ id }) => isInScope(id));
  const plans = decisions && valuesUnder<Plan>(decisions, 'plan/').filter(plan => isInScope(plan.clusterId));
  return (
    <>
      <PageHeader title="Overview" sentence={sentenceOf(clusters, plans)} />
      <OverviewFigures clusters={clusters} plans={plans} models={models} summary={summary} />
      <CostCard hasClusters={clusters === undefined || clusters.length > 0} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Card title="Clusters" padded={false} aside={<Link href="/clusters">All clusters</Link>}>
          {clusters ? (
            <DataTable
              label="Clusters in short"
              tools={false}
              maxHeight={330}
              rows={clusters}
              rowKey={({ id }) => id}
              columns={shortClusterColumns}
              onOpen={({ id }) => go(`/clusters/${pagePart(id)}`)}
              empty={
                <EmptyState
                  title="No cluster is connected"
                  text="Connect one to see what it costs and what could be saved."
                  action={<Link href="/clusters">Connect a cluster</Link>}
                />
              }
            />
          ) : (
            <LoadingRows rows={3} />
          )}
        </Card>
        <Card title="Latest decisions" padded={false} aside={<Link href="/decisions">All decisions</Link>}>
          {plans ? (
            <DataTable
              label="Latest decisions"
              tools={false}
              maxHeight={330}
              rows={plans.toSorted((a, b) => b.changedAt - a.changedAt).slice(0, 6)}
              rowKey={({ id }) => id}
              columns={shortPlanColumns}
              onOpen={({ id }) => go(`/decisions/${pagePart(id)}`)}
              empty={
                <EmptyState
                  title="No decisions yet"
                  text="The Spot engine proposes cheaper nodes; nothing acts before you approve."
                  action={<Link href="/decisions">Find savings</Link>}
                />
              }
            />
          ) : (
            <LoadingRows rows={3} />
          )}
        </Card>
      </SimpleGrid>
      <ModelGaps models={models} />
    </>
  );
}

function sentenceOf(
  clusters: readonly ClusterSummary[] | undefined,
  plans: readonly Plan[] | undefined,
): string {
  if (clusters === undefined || plans === undefined) return 'Asking…';
  if (clusters.length === 0) return 'Nothing is connected yet: connect a cluster to begin.';
  const healthy = clusters.filter(({ state }) => state === 'live').length;
  const waiting = plans.filter(({ state }) => state === 'proposed').length;
  const waits = waiting === 0 ? 'nothing waits for you' : `${counted(waiting, 'plan')} to approve`;
  return `${healthy} of ${counted(clusters.length, 'cluster')} healthy; ${waits}.`;
}

function OverviewFigures(props: {
  readonly clusters: readonly ClusterSummary[] | undefined;
  readonly plans: readonly Plan[] | undefined;
  readonly models: readonly Model[];
  readonly summary: SavingsSummary | undefined;
}) {
  const { clusters, plans, models, summary } = props;
  const known = clusters?.filter(({ costMicroUsdPerHour }) => costMicroUsdPerHour !== null);
  const cost = known?.reduce((sum, cluster) => sum + (cluster.costMicroUsdPerHour ?? 0), 0);
  const unknown = clusters?.reduce((sum, cluster) => sum + cluster.nodesWithUnknownPrice, 0) ?? 0;
  const waiting = plans?.filter(({ state }) => state === 'proposed');
  const toGain = waiting?.reduce((sum, plan) => sum + plan.cost.savingMicroUsdPerHour, 0) ?? 0;
  const attention = clusters && plans ? attentionOf(clusters, plans, models) : undefined;
  return (
    <Figures
      figures={[
        {
          label: 'Cost now',
          value: known && (
            <MoneyText
              value={known.length === 0 ? null : cost}
              per="hour"
              unknown="No node with a known price is connected."
            />
          ),
          below:
            unknown > 0
              ? `without ${counted(unknown, 'node')} of unknown price`
              : cost
                ? moneyText(cost, 'month')
                : ' ',
        },
        {
          label: 'Saved this month',
          value: summary && <MoneyText value={summary.realizedThisMonthMicroUsd} />,
          below: summary && `${moneyText(summary.predictedMicroUsd)} predicted in all`,
          tone: summary && summary.realizedThisMonthMicroUsd > 0 ? 'saving' : undefined,
          href: '/savings',
        },
        {
          label: 'Waiting approvals',
          value: waiting && formatCount(waiting.length),
          below: toGain > 0 ? `${moneyText(toGain, 'month')} to gain` : 'nothing to approve',
          href: '/decisions?state=waiting',
        },
        {
          label: 'Needs attention',
          value: attention && (attention.length === 0 ? 'Nothing' : formatCount(attention.length)),
          below: attention?.[0] ?? 'all agents and models are well',
          tone: attention && attention.length > 0 ? 'risk' : undefined,
        },
      ]}
    />
  );
}

function CostCard({ hasClusters }: { readonly hasClusters: boolean }) {
  const minute = useNow(60_000);
  // To the end of this minute: the newest sample lies in it.
  const query = { fromMs: minute - 7 * MS_PER_DAY, toMs: minute + 60_000 };
  const history = useRead(api.savings.costHistory, { query }, { keepLast: true });
  const points = history.data?.points;
  return (
    <Card
      title="Cost over time"
      aside={
        <Text size="sm" c="dimmed">
          last 7 days
        </Text>
      }
    >
      {history.error ? <ErrorState error={history.error} onRetry={() => void history.refetch()} /> : null}
      {points === undefined ? (
        history.error ? null : (
          <LoadingRows rows={7} />
        )
      ) : points.length < 2 ? (
        <EmptyState
          title="No history yet"
          text={
            hasClusters
              ? 'Cost is noted from now on; the picture grows with it. The area between actual and counterfactual will be what you saved.'
              : 'Cost is noted as soon as a cluster is connected.'
          }
        />
      ) : (
        <Suspense fallback={<LoadingRows rows={7} />}>
          <CostChart points={points} height={250} />
        </Suspense>
      )}
    </Card>
  );
}
