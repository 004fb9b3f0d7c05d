import type { ForecastSummary, Model } from '../../common/contracts/index.ts';
import type { Job } from '../platform/index.ts';
import type { ForecastParts } from './forecast-parts.ts';

/** What a model says now, and how it did. @param job its last run, where there was one since the start */
export async function summarizeForecast(
  { runs }: ForecastParts,
  model: Model,
  job: Job | undefined,
): Promise<ForecastSummary> {
  const run = await runs.lastRun(model.id);
  const { name, task, horizonHours } = model.manifest;
  const isRunning = job?.state === 'queued' || job?.state === 'running';
  const hasFailed = job?.state === 'failed';
  const isBetter = (run?.evaluation ?? run?.risk)?.verdict === 'better';
  return {
    modelId: model.id,
    modelName: name,
    task,
    horizonHours,
    state: isRunning ? 'running' : hasFailed ? 'failed' : run ? 'ready' : 'none',
    message: hasFailed ? job.message : null,
    madeAt: run?.endedAt ?? null,
    pools: run?.pools ?? 0,
    predictions: run?.predictions ?? 0,
    serving: isBetter ? 'model' : task === 'interruption' ? 'advisor' : 'persistence',
    evaluation: run?.evaluation ?? null,
    risk: run?.risk ?? null,
    comparedUntilMs: run?.comparedUntilMs ?? null,
    drift: (await runs.lastDrift(model.id))?.drift ?? null,
  };
}
