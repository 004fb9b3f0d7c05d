import type { LiveTopic } from '../../../../common/live-topics.ts';
import { useLive } from '../../../connection/use-live.ts';
import type { ExperimentResult } from './experiment-result.ts';

/**
 * What an experiment shows so far, live; `undefined` until its first comparison. An engine that does not compare refuses
 * the topic, which looks the same.
 */
export function useExperimentResult(id: string): ExperimentResult | undefined {
  const { values } = useLive(`experiment/${id}` as LiveTopic);
  return values?.get('result') as ExperimentResult | undefined;
}
