import { Button, SegmentedControl } from '@mantine/core';
import { useHover } from '@mantine/hooks';
import { IconBolt } from '@tabler/icons-react';
import { lazy, Suspense, useMemo } from 'react';
import { Link, useLocation, useParams, useSearchParams } from 'wouter';
import { api, type DecisionRun, type Plan } from '../../../common/contracts/index.ts';
import { valuesUnder } from '../../../common/live-values.ts';
import { useScope } from '../../app/scope.tsx';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Figures } from '../../components/figures.tsx';
import { LiveProblem } from '../../components/live-problem.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { MoneyText } from '../../components/money-text.tsx';
import { counted, formatCount } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { PlaceSwitch, usePlace } from '../../components/place-switch.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useRead } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { BlockedNodes } from './blocked-nodes.tsx';
import { FindSavings } from './find-savings.tsx';
import { useHeldBack } from './held-back.ts';
import { type PlacedPlan, placedPlanColumns, planColumns } from './plan-columns.tsx';

const ElsewhereDrawer = lazy(() =>
  import('./elsewhere-drawer.tsx').then(m => ({ default: m.ElsewhereDrawer })),
);

const PlanDrawer = lazy(() => import('./plan-drawer.tsx').then(m => ({ default: m.PlanDrawer })));

const FILTERS: Record<string, (plan: Plan) => boolean> = {
  waiting: plan => plan.state === 'proposed',
  running: plan => ['approved', 'running', 'stopping'].includes(plan.state),
  ended: plan => ['succeeded', 'failed', 'rejected', 'stopped', 'stale'].includes(plan.state),
};

/** What the engines want to do, what runs, and why nodes stay. */
export function DecisionsPage() {
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const [search, setSearch] = useSearchParams();
  const filter = search.get('state') ?? 'all';
  const { values, problem } = useLive('decisions');
  const { clusterId } = useScope();
  const isInScope = (each: { readonly clusterId: string }) =>
    clusterId === undefined || each.clusterId === clusterId;
  const plans = useMemo(() => (values ? valuesUnder<Plan>(values, 'plan/') : undefined), [values])?.filter(
    isInScope,
  );
  const runs = useMemo(() => (values ? valuesUnder<DecisionRun>(values, 'run/') : []), [values]).filter(
    isInScope,
  );
  const told = useRead(api.sync.listPlansElsewhere, {}, { refetchMs: 15_000 }).data?.plans ?? [];
  const [place, choosePlace] = usePlace(told.length > 0);
  const elsewhere: readonly PlacedPlan[] = told
    .map(({ origin, plan }) => ({ ...plan, origin }))
    .filter(isInScope);
  const listed = [...(place === 'elsewhere' ? [] : (plans ?? [])), ...(place === 'here' ? [] : elsewhere)];
  const currentId = id === undefined ? undefined : decodeURIComponent(id);
  const opened = elsewhere.find(plan => plan.id === currentId);
  const listAddress = `/decisions${filter === 'all' ? '' : `?state=${filter}`}`;
  return (
    <>
      <PageHeader
        title="Decisions"
        sentence={plans === undefined ? 'Asking…' : sentenceOf(plans)}
        actions={
          <>
            <PlaceSwitch hasElsewhere={told.length > 0} place={place} onChoose={choosePlace} />
            <FindSavings />
          </>
        }
      />
      <LiveProblem problem={problem} />
      {place === 'elsewhere' ? null : <PlanFigures plans={plans} />}
      {plans === undefined ? (
        <Card title="Plans" padded={false}>
          <LoadingRows />
        </Card>
      ) : (
        <PlanList
          plans={listed.filter(FILTERS[filter] ?? (() => true))}
          hasElsewhere={place !== 'here'}
          hasRun={runs.length > 0}
          filter={filter}
          onFilter={state => setSearch(state === 'all' ? {} : { state })}
          currentId={id}
          onOpen={plan => go(`/decisions/${pagePart(plan.id)}${filter === 'all' ? '' : `?state=${filter}`}`)}
        />
      )}
      {(place === 'elsewhere' ? [] : runs).map(run => (
        <BlockedNodes key={run.id} run={run} />
      ))}
      {currentId === undefined ? null : (
        <Suspense>
          {opened?.origin ? (
            <ElsewhereDrawer plan={opened} origin={opened.origin} onClose={() => go(listAddress)} />
          ) : (
            <PlanDrawer id={currentId} onClose={() => go(listAddress)} />
          )}
        </Suspense>
      )}
    </>
  );
}

function PlanList(props: {
  readonly plans: readonly PlacedPlan[];
  /** Whether plans of other engines may be among them. */
  readonly hasElsewhere: boolean;
  readonly hasRun: boolean;
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  readonly currentId: string | undefined;
  readonly onOpen: (plan: Plan) => void;
}) {
  const { hovered, ref } = useHover<HTMLDivElement>();
  const { shown, waiting, release } = useHeldBack(props.plans, hovered);
  return (
    <Card
      title="Plans"
      padded={false}
      aside={
        <>
          {waiting > 0 ? (
            <Button size="xs" variant="light" onClick={release}>
              {waiting} new
            </Button>
          ) : null}
          <SegmentedControl
            size="xs"
            aria-label="Which plans"
            value={props.filter}
            onChange={props.onFilter}
            data={[
              { value: 'all', label: 'All' },
              { value: 'waiting', label: 'Waiting' },
              { value: 'running', label: 'Running' },
              { value: 'ended', label: 'Ended' },
            ]}
          />
        </>
      }
    >
      <div ref={ref}>
        <DataTable
          label="Plans"
          rows={shown}
          rowKey={plan => plan.id}
          columns={props.hasElsewhere ? placedPlanColumns : planColumns}
          initialSort={{ id: 'saving', desc: true }}
          currentKey={props.currentId}
          onOpen={props.onOpen}
          empty={
            <EmptyState
              icon={<IconBolt size={34} stroke={1.4} />}
              title={props.filter === 'all' ? 'No plans' : 'No such plans'}
              text={
                props.filter !== 'all' ? (
                  <Link href="/decisions">Show all plans</Link>
                ) : props.hasRun ? (
                  'The last run found nothing worth doing. Why each node stays is listed below.'
                ) : (
                  'The Spot engine compares every node with the cheaper ones that could replace it, at forecast prices and interruption risk. Nothing acts before you approve.'
                )
              }
            />
          }
        />
      </div>
    </Card>
  );
}

function sentenceOf(plans: readonly Plan[]): string {
  const waiting = plans.filter(({ state }) => state === 'proposed').length;
  const running = plans.filter(plan => FILTERS.running?.(plan)).length;
  const waits = waiting === 1 ? '1 plan waits for you' : `${formatCount(waiting)} plans wait for you`;
  return `${waits}; ${running === 0 ? 'none runs' : `${formatCount(running)} running`}.`;
}

function PlanFigures({ plans }: { readonly plans: readonly Plan[] | undefined }) {
  const waiting = plans?.filter(({ state }) => state === 'proposed');
  const running = plans?.filter(plan => FILTERS.running?.(plan));
  const succeeded = plans?.filter(({ state }) => state === 'succeeded');
  const failed = plans?.filter(({ state }) => state === 'failed').length ?? 0;
  const last = plans?.reduce((newest, plan) => Math.max(newest, plan.createdAt), 0) ?? 0;
  const saving = waiting?.reduce((sum, plan) => sum + plan.cost.savingMicroUsdPerHour, 0);
  return (
    <Figures
      figures={[
        {
          label: 'Waiting for approval',
          value: waiting && formatCount(waiting.length),
          below:
            last === 0 ? (
              'no plan yet'
            ) : (
              <>
                newest plan <RelativeTime at={last} />
              </>
            ),
        },
        {
          label: 'To gain',
          value: saving === undefined ? undefined : <MoneyText value={saving} per="month" />,
          below: 'if all waiting plans are carried out',
          tone: saving !== undefined && saving > 0 ? 'saving' : undefined,
        },
        { label: 'Running', value: running && formatCount(running.length), below: 'stop is always at hand' },
        {
          label: 'Carried out',
          value: succeeded && formatCount(succeeded.length),
          below: counted(failed, 'failure'),
        },
      ]}
    />
  );
}
