import { Text } from '@mantine/core';
import { Link, useParams } from 'wouter';
import type { Experiment, Model } from '../../../../common/contracts/index.ts';
import { MS_PER_MINUTE } from '../../../../common/units/index.ts';
import { actorName } from '../../../components/actor-name.ts';
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
import { versionName } from '../model-order.ts';
import { ExperimentActions } from './experiment-actions.tsx';
import { ExperimentErrors } from './experiment-errors.tsx';
import { ExperimentFigures } from './experiment-figures.tsx';
import { modeWords, outlookWords, pairName } from './experiment-words.ts';
import { guardrailRows } from './guardrail-rows.ts';
import { useExperimentResult } from './use-experiment-result.ts';

/** One experiment: what is known so far, how much longer it may take, and how to end it. */
export function ExperimentPage() {
  const { id = '' } = useParams<{ id: string }>();
  const { values, problem } = useLive('experiments');
  const models = useLive('models').values;
  const experiment = values?.get(decodeURIComponent(id));
  if (values === undefined || models === undefined)
    return problem ? <LiveProblem problem={problem} /> : <LoadingRows />;
  if (experiment === undefined)
    return (
      <>
        <PageHeader title="Experiment" sentence="This experiment is not known." />
        <div className="co-card">
          <EmptyState
            title="There is no such experiment"
            text="The address may be wrong, or the data folder another one."
            action={<Link href="/models">Go to the models</Link>}
          />
        </div>
      </>
    );
  return <Shown experiment={experiment} models={models} />;
}

function Shown({
  experiment,
  models,
}: {
  readonly experiment: Experiment;
  readonly models: ReadonlyMap<string, Model>;
}) {
  const result = useExperimentResult(experiment.id);
  const nowMs = useNow(MS_PER_MINUTE);
  const challenger = models.get(experiment.challengerId);
  const champion = models.get(experiment.championId);
  const isRunning = experiment.endedAt === null;
  const names = {
    challengerName: challenger ? versionName(challenger) : 'The challenger',
    championName: champion ? versionName(champion) : 'The champion',
  };
  return (
    <>
      <PageHeader
        title={pairName(experiment, models)}
        sentence={
          <>
            {isRunning ? `The challenger is compared ${modeWords(experiment)}` : outcomeWords(experiment)}
            {isRunning ? '; ' : ' '}started by {actorName(experiment.startedBy)}{' '}
            <RelativeTime at={experiment.startedAt} />. <Link href="/models">All models</Link>
          </>
        }
        actions={<ExperimentActions experiment={experiment} result={result} {...names} />}
      />
      <ExperimentFigures experiment={experiment} result={result} nowMs={nowMs} />
      <Card title="What is known so far">
        <div style={{ display: 'grid', gap: 12 }}>
          <Text>
            {result?.sentence ?? 'Nothing is known yet.'}{' '}
            {isRunning ? outlookWords(result, challenger?.manifest.horizonHours) : null}
          </Text>
          {result && result.series.length > 0 ? (
            <DifferenceChart series={result.series} what="Error that the challenger saves" of="the price" />
          ) : (
            <EmptyState
              title="Nothing to draw yet"
              text={
                isRunning
                  ? 'The difference between the two is drawn here with its confidence band from the first comparison on.'
                  : 'It ended before anything could be compared.'
              }
            />
          )}
        </div>
      </Card>
      {result ? (
        <Card title="Mean error of each">
          <ExperimentErrors result={result} {...names} />
        </Card>
      ) : null}
      <Card title="Guardrails" padded={false}>
        <GuardrailTable rows={guardrailRows(experiment, result)} />
      </Card>
    </>
  );
}
