import { Loader, Text } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { Link, useSearchParams } from 'wouter';
import type { ForecastSummary, Model } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Figures } from '../../components/figures.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { formatCount, threeDigits } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { useLive } from '../../connection/use-live.ts';
import { ForecastPicture } from './forecast-picture.tsx';
import { ForecastTools } from './forecast-tools.tsx';

/** What a model says now, and whether it can be trusted: held against persistence on the same points. */
export function ForecastsPage() {
  const [search, setSearch] = useSearchParams();
  const values = useLive('models').values;
  const models = values && [...values.values()].filter(({ verdict }) => verdict === 'accepted');
  const chosen = models?.find(({ id }) => id === search.get('model')) ?? preferred(models ?? []);
  const choose = (model: string) => setSearch({ model });
  if (models !== undefined && chosen === undefined)
    return (
      <>
        <PageHeader
          title="Forecasts"
          sentence="No model, so persistence serves: the last price stands for the future."
        />
        <div className="co-card">
          <EmptyState
            icon={<IconChartLine size={34} stroke={1.4} />}
            title="Nothing to draw yet"
            text="Upload a model, fill its gap and activate it: its predictions are then drawn here against what happened."
            action={<Link href="/models">Go to the models</Link>}
          />
        </div>
      </>
    );
  if (chosen === undefined) return <LoadingRows />;
  return <ModelForecast key={chosen.id} model={chosen} models={models ?? []} onChoose={choose} />;
}

function preferred(models: readonly Model[]): Model | undefined {
  return models.find(({ aliases }) => aliases.includes('champion')) ?? models[0];
}

function ModelForecast({
  model,
  models,
  onChoose,
}: {
  readonly model: Model;
  readonly models: readonly Model[];
  readonly onChoose: (id: string) => void;
}) {
  const { values, problem } = useLive(`forecasts/${model.id}`);
  const summary = values?.get('summary');
  const evaluation = summary?.evaluation;
  return (
    <>
      <PageHeader
        title="Forecasts"
        sentence={summary === undefined ? (problem ?? 'No forecast of this model yet.') : sentenceOf(summary)}
        actions={
          <ForecastTools
            model={model}
            models={models}
            isRunning={summary?.state === 'running'}
            onChoose={onChoose}
          />
        }
      />
      {summary?.state === 'running' ? (
        <Text c="dimmed" component="div" role="status">
          <Loader size={14} mr={8} aria-hidden />
          Predicting… {summary.message}
        </Text>
      ) : summary?.message ? (
        <Text c={summary.state === 'failed' ? 'var(--co-risk-text)' : 'dimmed'}>{summary.message}</Text>
      ) : null}
      <Figures
        figures={[
          {
            label: 'Error against persistence (MASE)',
            value: evaluation
              ? evaluation.mase === null
                ? 'unknown'
                : threeDigits(evaluation.mase)
              : 'unknown',
            below: evaluation
              ? evaluation.mase === null
                ? 'persistence made no error'
                : 'below 1 is better than persistence'
              : 'not measured yet: predict and compare',
            tone: evaluation?.verdict === 'better' ? 'saving' : undefined,
          },
          {
            label: 'Mean error',
            value: evaluation ? `$${threeDigits(evaluation.maeUsd)}/h` : 'unknown',
            below: evaluation
              ? `persistence $${threeDigits(evaluation.baselineMaeUsd)}/h`
              : 'persistence unknown',
          },
          {
            label: 'Where the price changed',
            value: evaluation ? formatCount(evaluation.changed.points) : 'unknown',
            below: evaluation
              ? `error $${threeDigits(evaluation.changed.maeUsd)}/h, persistence $${threeDigits(evaluation.changed.baselineMaeUsd)}/h`
              : 'points that changed over the horizon',
          },
          {
            label: 'Predictions',
            value: formatCount(summary?.predictions ?? 0),
            below:
              summary && summary.madeAt !== null ? (
                <>
                  {formatCount(summary.pools)} pools, <RelativeTime at={summary.madeAt} />
                </>
              ) : (
                'none made yet'
              ),
          },
        ]}
      />
      <Card title="Forecast against what happened">
        <ForecastPicture model={model} madeAt={summary?.madeAt ?? null} />
      </Card>
    </>
  );
}

function sentenceOf(summary: ForecastSummary): string {
  const serves =
    summary.serving === 'model'
      ? 'Decisions use the model.'
      : 'Decisions use persistence (the last price stays).';
  return summary.evaluation ? `${summary.evaluation.sentence} ${serves}` : serves;
}
