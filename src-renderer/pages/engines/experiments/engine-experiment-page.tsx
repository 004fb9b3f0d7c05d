import { Text } from '@mantine/core';
import { Link, useParams } from 'wouter';
import type { EngineExperiment } from '../../../../common/contracts/index.ts';
import { MS_PER_MINUTE } from '../../../../common/units/index.ts';
import { Card } from '../../../components/card.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { DifferenceChart } from '../../../components/experiments/difference-chart.tsx';
import { GuardrailTable } from '../../../components/experiments/guardrail-table.tsx';
import { outcomeWords } from '../../../components/experiments/outcome-words.ts';
import { LiveProblem } from '../../../components/live-problem.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { useNow } from '../../../components/now.ts';
import { PageHeader } from '../../../components/page-header.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { useLive } from '../../../connection/use-live.ts';
import { EngineArms } from './engine-arms.tsx';
import { EngineExperimentActions } from './engine-experiment-actions.tsx';
import { EngineExperimentFigures } from './engine-experiment-figures.tsx';
import { engineModeWords, engineOutlook, enginePair } from './engine-experiment-words.ts';
import { engineGuardrailRows } from './engine-guardrail-rows.ts';

/** One experiment between engines: what is known so far, how much longer it may take, and how to end it. */
export function EngineExperimentPage() {
  const { id = '' } = useParams<{ id: string }>();
  const { values, problem } = useLive('engine-experiments');
  const experiment = values?.get(decodeURIComponent(id));
  if (values === undefined) return problem ? <LiveProblem problem={problem} /> : <LoadingRows />;
  if (experiment) return <Shown experiment={experiment} />;
  return (
    <>
      <PageHeader title="Experiment" sentence="This experiment is not known." />
      <div className="co-card">
        <EmptyState
          title="There is no such experiment"
          text="The address may be wrong, or the data folder another one."
          action={<Link href="/engines">Go to the engines</Link>}
        />
      </div>
    </>
  );
}

function Shown({ experiment }: { readonly experiment: EngineExperiment }) {
  const { values, problem } = useLive(`engine-experiment/${experiment.id}`);
  const result = values?.get('result');
  const nowMs = useNow(MS_PER_MINUTE);
  const isRunning = experiment.endedAt === null;
  return (
    <>
      <PageHeader
        title={enginePair(experiment)}
        sentence={
          <>
            {isRunning
              ? `The challenger is compared ${engineModeWords(experiment)}`
              : outcomeWords(experiment)}
            {isRunning ? '; ' : ' '}started by {experiment.startedBy}{' '}
            <RelativeTime at={experiment.startedAt} />. <Link href="/engines">All engines</Link>
          </>
        }
        actions={<EngineExperimentActions experiment={experiment} result={result} />}
      />
      <LiveProblem problem={problem} />
      <EngineExperimentFigures experiment={experiment} result={result} nowMs={nowMs} />
      {result ? (
        <>
          <Card title="What is known so far">
            <div style={{ display: 'grid', gap: 12 }}>
              <Text>
                {result.sentence} {engineOutlook(experiment, result)}
              </Text>
              {result.series.length > 0 ? (
                <DifferenceChart
                  series={result.series}
                  what="Cost that the challenger saves beyond the champion"
                  of="the present cost"
                />
              ) : experiment.rule.mode === 'shadow' ? (
                <EmptyState
                  title="Nothing to draw yet"
                  text={
                    isRunning
                      ? 'The difference between the two is drawn here with its confidence band, one point for each hour with runs that is over.'
                      : 'It ended before an hour with runs was over.'
                  }
                />
              ) : null}
            </div>
          </Card>
          <Card title="What each proposes" padded={false}>
            <EngineArms experiment={experiment} result={result} />
          </Card>
          <Card title="Guardrails" padded={false}>
            <GuardrailTable rows={engineGuardrailRows(result)} />
          </Card>
        </>
      ) : (
        <LoadingRows rows={4} />
      )}
    </>
  );
}
