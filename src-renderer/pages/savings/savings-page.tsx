import { SegmentedControl } from '@mantine/core';
import { lazy, Suspense, useCallback, useMemo } from 'react';
import { useLocation, useParams } from 'wouter';
import {
  api,
  type SavingsEntry,
  type SavingsReportRow,
  type SavingsSummary,
} from '../../../common/contracts/index.ts';
import { valuesUnder } from '../../../common/live-values.ts';
import { formatDuration } from '../../../common/units/index.ts';
import { Figures } from '../../components/figures.tsx';
import { LiveProblem } from '../../components/live-problem.tsx';
import { moneyText } from '../../components/money-text.tsx';
import { counted, formatShare } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { PlaceSwitch, usePlace } from '../../components/place-switch.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { useRead } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { AllocationCard } from './allocation-card.tsx';
import { EntriesElsewhere } from './entries-elsewhere.tsx';
import { SavedBy } from './saved-by.tsx';
import { SavingsExport } from './savings-export.tsx';
import { SavingsPictures } from './savings-pictures.tsx';
import { SPANS, type Span, useSavingsRange } from './savings-range.ts';

const EntryDrawer = lazy(() => import('./entry-drawer.tsx').then(m => ({ default: m.EntryDrawer })));

/** What was really saved, beside what was promised, and who held what the clusters cost. */
export function SavingsPage() {
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const { values, problem } = useLive('savings');
  const clusters = useLive('clusters').values;
  const [range, chooseSpan] = useSavingsRange();
  const summary = values?.get('summary') as SavingsSummary | undefined;
  const entries = useMemo(() => {
    const all = values ? valuesUnder<SavingsEntry>(values, 'entry/') : [];
    return new Map(all.map(entry => [entry.planId, entry]));
  }, [values]);
  const nameOfCluster = useCallback(
    (cluster: string): string => clusters?.get(cluster)?.name ?? cluster,
    [clusters],
  );
  const { data: report } = useRead(
    api.savings.report,
    { query: { ...range.query, groupBy: 'cluster' } },
    { keepLast: true, refetchMs: 15_000 },
  );
  const total = report?.total;
  const told = useRead(api.sync.listEntriesElsewhere, {}, { refetchMs: 15_000 }).data?.entries ?? [];
  const [place, choosePlace] = usePlace(told.length > 0);
  const currentId = id === undefined ? undefined : decodeURIComponent(id);
  const inScope = [...entries.values()].filter(
    one => range.clusterId === undefined || one.clusterId === range.clusterId,
  );
  return (
    <>
      <PageHeader
        title="Savings"
        sentence={
          summary === undefined || total === undefined ? (
            'Asking…'
          ) : summary.plans === 0 ? (
            'Nothing is booked yet.'
          ) : (
            <>
              {moneyText(total.realizedMicroUsd)} realized of {moneyText(total.predictedMicroUsd)} predicted
              in {range.span}, by {counted(total.plans, 'plan')}; booked <RelativeTime at={summary.asOf} />.
            </>
          )
        }
        actions={
          <>
            <PlaceSwitch hasElsewhere={told.length > 0} place={place} onChoose={choosePlace} />
            <SegmentedControl
              aria-label="Time shown"
              value={range.span}
              onChange={value => chooseSpan(value as Span)}
              data={Object.keys(SPANS)}
            />
            <SavingsExport range={range} />
          </>
        }
      />
      <LiveProblem problem={problem} />
      {place === 'elsewhere' ? null : (
        <>
          <SavingsFigures
            total={total}
            span={range.span}
            summary={summary}
            entries={values === undefined ? undefined : inScope}
          />
          <SavingsPictures range={range} />
          <SavedBy range={range} entries={entries} nameOfCluster={nameOfCluster} currentId={currentId} />
          <AllocationCard range={range} nameOfCluster={nameOfCluster} />
        </>
      )}
      {place === 'here' ? null : (
        <EntriesElsewhere
          entries={told.filter(
            ({ entry }) => range.clusterId === undefined || entry.clusterId === range.clusterId,
          )}
        />
      )}
      {currentId === undefined ? null : (
        <Suspense>
          <EntryDrawer id={currentId} onClose={() => go('/savings')} />
        </Suspense>
      )}
    </>
  );
}

function SavingsFigures({
  total,
  span,
  summary,
  entries,
}: {
  readonly total: SavingsReportRow | undefined;
  readonly span: Span;
  readonly summary: SavingsSummary | undefined;
  /** Of the clusters in scope; `undefined` while they load. */
  readonly entries: readonly SavingsEntry[] | undefined;
}) {
  const open = entries?.filter(one => one.endedAt === null);
  const known = open?.filter(one => one.actualMicroUsdPerHour !== null);
  const rate = known?.reduce(
    (sum, one) => sum + one.counterfactualMicroUsdPerHour - (one.actualMicroUsdPerHour ?? 0),
    0,
  );
  const unknown = (open?.length ?? 0) - (known?.length ?? 0);
  return (
    <Figures
      figures={[
        {
          label: 'Realized savings',
          value: total && moneyText(total.realizedMicroUsd),
          below:
            summary &&
            (span === '30 days'
              ? `${moneyText(summary.realizedThisMonthMicroUsd)} this month, all clusters`
              : `in ${span}`),
          tone: total && total.realizedMicroUsd > 0 ? 'saving' : undefined,
        },
        {
          label: 'Predicted',
          value: total && moneyText(total.predictedMicroUsd),
          below:
            total && total.predictedMicroUsd > 0
              ? `${formatShare(total.realizedMicroUsd / total.predictedMicroUsd)} of what was promised`
              : 'what the plans promised over the same time',
        },
        {
          label: 'Rate now',
          value:
            rate === undefined
              ? undefined
              : unknown > 0 && known?.length === 0
                ? 'unknown'
                : moneyText(rate, 'hour'),
          below:
            rate === undefined
              ? undefined
              : unknown > 0
                ? `without ${counted(unknown, 'plan')} of unknown price`
                : moneyText(rate, 'month'),
        },
        {
          label: 'Left out',
          value: total && (total.unknownMs === 0 ? 'Nothing' : formatDuration(total.unknownMs)),
          below: 'plan-time with an unknown price is not booked',
        },
      ]}
    />
  );
}
