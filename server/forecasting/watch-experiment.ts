import type { Experiment, ExperimentResult } from '../../common/contracts/index.ts';
import type { Logger } from '../platform/index.ts';
import type { ForecastParts } from './forecast-parts.ts';
import { judgeExperiment } from './judge-experiment.ts';

/**
 * Looks at the running experiment that a model takes part in, tells what it shows, and ends it when a guardrail is breached.
 * Does nothing for a model in none.
 */
export async function watchExperiment(
  parts: ForecastParts,
  modelId: string,
  log: Logger,
  tell: (result: ExperimentResult) => void,
): Promise<void> {
  const isPart = ({ championId, challengerId, endedAt }: Experiment) =>
    endedAt === null && (championId === modelId || challengerId === modelId);
  const experiment = (await parts.models.experiments()).find(isPart);
  if (!experiment) return;
  const result = await judgeExperiment(parts, experiment);
  tell(result);
  const breached = result.guardrails.find(guardrail => guardrail.breached);
  if (!breached) return;
  log.warn({ experiment: experiment.id, guardrail: breached.name }, breached.sentence);
  await parts.models.endExperiment(experiment.id, {
    outcome: 'guardrail',
    endedBy: 'engine',
    endReason: breached.sentence,
  });
}
