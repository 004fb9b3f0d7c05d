import { Loader, Text } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, useSearchParams } from 'wouter';
import { api, type ForecastSummary, type Model } from '../../../common/contracts/index.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useLive } from '../../connection/use-live.ts';
import { ForecastTools } from './forecast-tools.tsx';
import { PriceForecast } from './prices/price-forecast.tsx';
import { RiskForecast } from './risks/risk-forecast.tsx';
import { VerdictLine } from './verdict-line.tsx';

/** What a model says now, and whether it can be trusted: held against simple rules on the same points. */
export function ForecastsPage() {
  const [search, setSearch] = useSearchParams();
  const { values, problem } = useLive('models');
  const models = values && [...values.values()].filter(isShown);
  const asked = search.get('model');
  const chosen = models?.find(({ id }) => id === asked) ?? preferred(models ?? []);
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
  if (chosen === undefined)
    return (
      <>
        <PageHeader title="Forecasts" sentence={problem ?? 'Asking which models there are…'} />
        <LoadingRows />
      </>
    );
  return <ModelForecast key={chosen.id} model={chosen} models={models ?? []} onChoose={choose} />;
}

/** Models whose predictions can be held against what happens. */
function isShown({ verdict, manifest }: Model): boolean {
  return verdict === 'accepted' && manifest.task !== 'custom';
}

function preferred(models: readonly Model[]): Model | undefined {
  const champions = models.filter(({ aliases }) => aliases.includes('champion'));
  const ofPrices = (model: Model) => model.manifest.task === 'spot-price';
  return champions.find(ofPrices) ?? models.find(ofPrices) ?? champions[0] ?? models[0];
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
  useFreshForecasts(summary);
  return (
    <>
      <PageHeader
        title="Forecasts"
        sentence={
          summary === undefined ? (problem ?? 'Asking for its forecasts…') : <VerdictLine summary={summary} />
        }
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
          Predicting and comparing… What stands here is of the last run.
        </Text>
      ) : summary?.message ? (
        <Text c={summary.state === 'failed' ? 'var(--co-risk-text)' : 'dimmed'} role="status">
          {summary.message}
        </Text>
      ) : null}
      {model.manifest.task === 'interruption' ? (
        <RiskForecast model={model} summary={summary} />
      ) : (
        <PriceForecast model={model} summary={summary} />
      )}
    </>
  );
}

/** A run that ended, by itself or on demand, has new predictions and new prices to hold against old ones. */
function useFreshForecasts(summary: ForecastSummary | undefined): void {
  const queries = useQueryClient();
  const run = summary === undefined ? undefined : `${summary.madeAt} ${summary.comparedUntilMs}`;
  useEffect(() => {
    if (run === undefined) return;
    const { forecastSeries, forecastPools, riskPools } = api.forecasts;
    for (const { path } of [forecastSeries, forecastPools, riskPools]) {
      void queries.invalidateQueries({ queryKey: [path] });
    }
  }, [queries, run]);
}
