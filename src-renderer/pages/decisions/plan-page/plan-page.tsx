import { Group, Tabs, Text } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { Link, useParams } from 'wouter';
import { api, type Plan } from '../../../../common/contracts/index.ts';
import { Card } from '../../../components/card.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { Figures } from '../../../components/figures.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { MoneyText, SavingText } from '../../../components/money-text.tsx';
import { counted, formatCount, formatPercent } from '../../../components/number-text.ts';
import { PageHeader } from '../../../components/page-header.tsx';
import { ProofBar } from '../../../components/proof-bar.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { useRead } from '../../../connection/use-call.ts';
import { InstanceNotes } from '../instance-notes.tsx';
import { PlanActions } from '../plan-actions.tsx';
import { PlanStateBadge } from '../plan-state-badge.tsx';
import { usePlan } from '../use-plan.ts';
import { moveColumns } from './move-columns.tsx';
import { ownerTabTitle } from './owner-tab-title.ts';
import { plannedNodes } from './plan-nodes.ts';
import { plannedNodeColumns } from './planned-node-columns.tsx';

const PlanCost = lazy(() => import('../plan-cost.tsx').then(m => ({ default: m.PlanCost })));
// Its nodes are asked for meanwhile.
const PlanMap = lazy(() => import('./plan-map.tsx').then(m => ({ default: m.PlanMap })));
const OwnerChangesPanel = lazy(() =>
  import('./owner-changes.tsx').then(m => ({ default: m.OwnerChangesPanel })),
);
const ResizePlanParts = lazy(() =>
  import('./resize-plan-parts.tsx').then(m => ({ default: m.ResizePlanParts })),
);

const StepsPanel = lazy(() => import('./steps-panel.tsx').then(m => ({ default: m.StepsPanel })));

/** A plan as a whole: before and after, every move and node, the waves, and how much cheaper it could be at all. */
export function PlanPage() {
  const { id = '' } = useParams<{ id: string }>();
  const planId = decodeURIComponent(id);
  const { plan, isMissing, problem } = usePlan(planId);
  if (plan) return <WholePlan plan={plan} />;
  if (!isMissing)
    return (
      <>
        <PageHeader title="Plan" sentence="Asking…" />
        <LoadingRows rows={8} />
      </>
    );
  return (
    <EmptyState
      title="This plan is not known"
      text={problem ?? 'It may be older than what the engine keeps.'}
      action={<Link href="/decisions">Show all plans</Link>}
    />
  );
}

function WholePlan({ plan }: { readonly plan: Plan }) {
  return (
    <>
      <PageHeader
        title={plan.title}
        sentence={
          <Group gap={8}>
            <PlanStateBadge plan={plan} />
            <span>
              {plan.clusterName}, by the {plan.engine} engine, <RelativeTime at={plan.createdAt} />.{' '}
              <Link href={`/decisions/${pagePart(plan.id)}`}>In the list</Link>
            </span>
          </Group>
        }
        actions={<PlanActions plan={plan} />}
      />
      {plan.outcome === null ? null : <Text maw={900}>{plan.outcome}</Text>}
      <InstanceNotes plan={plan} />
      {plan.dependsOn ? (
        <Text>
          Begins when {counted(plan.dependsOn.length, 'resize that makes', 'resizes that make')} its room{' '}
          {plan.dependsOn.length === 1 ? 'has' : 'have'} ended.{' '}
          <Link href="/decisions" className="co-link">
            They are in the list
          </Link>
        </Text>
      ) : null}
      {plan.resize ? (
        <Suspense fallback={<LoadingRows rows={8} />}>
          <ResizePlanParts plan={plan} resize={plan.resize} />
        </Suspense>
      ) : (
        <>
          <PlanFigures plan={plan} />
          <PlanPicture plan={plan} />
        </>
      )}
      <Card title="Why">
        <ul style={{ margin: 0, paddingLeft: 20, display: 'grid', gap: 4 }}>
          {plan.reasons.map(({ code, text }) => (
            <li key={code + text}>{text}</li>
          ))}
        </ul>
      </Card>
    </>
  );
}

function PlanFigures({ plan }: { readonly plan: Plan }) {
  const { cost, remove, add, pods, steps } = plan;
  const waves = new Set(steps.map(({ wave }) => wave)).size;
  const stays = remove.some(({ endedBy }) => endedBy === 'nobody');
  return (
    <Figures
      figures={[
        {
          label: stays ? 'Saves, once every instance is ended' : 'Saves',
          value: <SavingText perHour={cost.savingMicroUsdPerHour} />,
          below: (
            <>
              <MoneyText value={cost.nowMicroUsdPerHour} per="hour" /> now,{' '}
              <MoneyText value={cost.afterMicroUsdPerHour + cost.riskMicroUsdPerHour} per="hour" /> after,
              risk included
            </>
          ),
          tone: cost.savingMicroUsdPerHour > 0 ? 'saving' : undefined,
        },
        {
          label: 'Nodes',
          value: `− ${formatCount(remove.length)}, + ${formatCount(add.length)}`,
          below: `${counted(remove.length, 'node goes', 'nodes go')}, ${counted(add.length, 'comes', 'come')}`,
        },
        { label: 'Pods that move', value: formatCount(pods.length), below: `in ${counted(waves, 'wave')}` },
        {
          label: 'Above the bound',
          value: plan.proof ? gapText(plan.proof) : 'not proven',
          below: plan.proof
            ? 'at most: no set of nodes is cheaper than the bound'
            : 'this engine looks at one node at a time',
        },
      ]}
    />
  );
}

function gapText({ afterMicroUsdPerHour, lowerBoundMicroUsdPerHour }: NonNullable<Plan['proof']>): string {
  if (lowerBoundMicroUsdPerHour <= 0) return 'unknown';
  return formatPercent(100 * Math.max(0, afterMicroUsdPerHour / lowerBoundMicroUsdPerHour - 1));
}

function PlanPicture({ plan }: { readonly plan: Plan }) {
  const seen = useRead(api.decisions.getRunNodes, { params: { id: plan.runId } });
  const owners = useRead(api.owners.getOwnerChanges, { params: { id: plan.id } }).data;
  const ownerTab = owners && ownerTabTitle(owners);
  const nodes = useMemo(
    () => (seen.data ? plannedNodes(plan, seen.data.nodes) : undefined),
    [plan, seen.data],
  );
  return (
    <>
      <Card
        title="Before and after"
        label="Map of the plan"
        aside={
          seen.data ? (
            <Text size="sm" c="dimmed" component="div">
              as the run saw the cluster <RelativeTime at={seen.data.asOf} />
            </Text>
          ) : null
        }
      >
        {nodes ? (
          <Suspense fallback={<LoadingRows rows={6} />}>
            <PlanMap nodes={nodes} />
          </Suspense>
        ) : seen.error ? (
          <EmptyState title="There is no picture of this plan any more" text={seen.error.message} />
        ) : (
          <LoadingRows rows={6} />
        )}
      </Card>
      {plan.proof ? (
        <Card title="What is left to gain">
          <ProofBar proof={plan.proof} />
        </Card>
      ) : null}
      <section className="co-card" aria-label="Parts of the plan">
        <Tabs defaultValue="moves" keepMounted={false}>
          <Tabs.List px="md" pt={6}>
            <Tabs.Tab value="moves">Moves ({formatCount(plan.pods.length)})</Tabs.Tab>
            <Tabs.Tab value="nodes">Nodes {nodes ? `(${formatCount(nodes.length)})` : ''}</Tabs.Tab>
            <Tabs.Tab value="steps">Steps ({formatCount(plan.steps.length)})</Tabs.Tab>
            <Tabs.Tab value="cost">Every dollar</Tabs.Tab>
            {ownerTab === undefined ? null : <Tabs.Tab value="owners">{ownerTab}</Tabs.Tab>}
          </Tabs.List>
          <Tabs.Panel value="moves">
            <DataTable
              label="Moves of the plan"
              rows={plan.pods}
              rowKey={pod => pod.uid}
              columns={moveColumns}
              initialSort={{ id: 'from', desc: false }}
              empty={<EmptyState title="No pod moves" text="The nodes that go hold none that has to." />}
            />
          </Tabs.Panel>
          <Tabs.Panel value="nodes">
            <DataTable
              label="Nodes of the plan"
              rows={nodes ?? []}
              rowKey={node => node.name}
              columns={plannedNodeColumns}
              initialSort={{ id: 'fate', desc: false }}
              empty={<EmptyState title="The nodes are not kept any more" text="Run the engine again." />}
            />
          </Tabs.Panel>
          <Tabs.Panel value="steps">
            <Suspense fallback={<LoadingRows rows={6} />}>
              <StepsPanel plan={plan} />
            </Suspense>
          </Tabs.Panel>
          <Tabs.Panel value="owners">
            <Suspense fallback={<LoadingRows rows={6} />}>
              {owners ? <OwnerChangesPanel {...owners} /> : null}
            </Suspense>
          </Tabs.Panel>
          <Tabs.Panel value="cost">
            <div style={{ padding: 16 }}>
              <Suspense fallback={<LoadingRows rows={6} />}>
                <PlanCost plan={plan} />
              </Suspense>
            </div>
          </Tabs.Panel>
        </Tabs>
      </section>
    </>
  );
}
