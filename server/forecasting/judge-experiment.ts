import type { ExperimentResult } from '../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import { type ExperimentToJudge, experimentResult } from './experiment-result.ts';
import type { ForecastParts } from './forecast-parts.ts';
import { LIVE_WITHIN_MS } from './live-prediction-store.ts';
import { loadBlocks } from './load-blocks.ts';

/**
 * What an experiment shows as of now, from live predictions of both models for the same pools and times.
 * @throws AppError `resource.not-found` when the champion is gone
 */
export async function judgeExperiment(
  parts: ForecastParts,
  experiment: ExperimentToJudge,
): Promise<ExperimentResult> {
  const { models, live, runs, clock } = parts;
  const { championId, challengerId, startedAt } = experiment;
  const nowMs = clock.now();
  const endMs = experiment.endedAt ?? nowMs;
  const { horizonHours } = (await models.get(championId)).manifest;
  const blockMs = horizonHours * MS_PER_HOUR;
  const blocks = await loadBlocks(parts, {
    judgement: `experiment/${experiment.id}`,
    firstId: championId,
    secondId: challengerId,
    startMs: startedAt,
    endMs,
    blockMs,
  });
  const countedToMs = Math.min(endMs, nowMs - LIVE_WITHIN_MS);
  const champion = await live.count(championId, startedAt, countedToMs);
  const both = await live.countPairs(championId, challengerId, startedAt, countedToMs);
  const counts = {
    championPredictions: champion,
    missingPredictions: champion - both,
    failures: await runs.countFailures(challengerId, startedAt, endMs),
  };
  return experimentResult(experiment, blocks, counts, blockMs, nowMs);
}
