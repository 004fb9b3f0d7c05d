import type { GuardrailResult, Guardrails } from '../../common/contracts/index.ts';
import { ConfidenceSequence, type ConfidenceSettings } from './confidence-sequence.ts';
import type { PairedBlock } from './paired-errors.ts';

/** What is counted beside the blocks. */
export interface ExperimentCounts {
  /** Live predictions of the champion that the challenger has had its time for. */
  readonly championPredictions: number;
  /** Those of them that the challenger did not make. */
  readonly missingPredictions: number;
  readonly failures: number;
}

/** Below this a share of missing predictions says little. */
const FEWEST_PREDICTIONS = 100;

/** Every guardrail with its value and limit, breached or not. `first` of a block is the champion. */
export function guardrailsOf(
  blocks: readonly PairedBlock[],
  counts: ExperimentCounts,
  limits: Guardrails,
  confidence: ConfidenceSettings,
): GuardrailResult[] {
  return [
    worseThanChampion(blocks, limits.worstRelative, confidence),
    missingPredictions(counts, limits.missingShare),
    processFailures(counts.failures, limits.failures),
  ];
}

/** Breached when (error of the challenger − (1 + margin) · error of the champion) is above 0 for certain: its own sequence. */
function worseThanChampion(
  blocks: readonly PairedBlock[],
  limit: number,
  confidence: ConfidenceSettings,
): GuardrailResult {
  const sequence = new ConfidenceSequence(confidence);
  let champion = 0;
  let challenger = 0;
  for (const { first, second } of blocks) {
    sequence.add(second.relative - (1 + limit) * first.relative);
    champion += first.relative;
    challenger += second.relative;
  }
  const value = champion > 0 ? challenger / champion - 1 : null;
  const breached = blocks.length > 0 && sequence.now().lower > 0;
  const compared =
    value === null
      ? 'How much worse the challenger is cannot be said yet'
      : `The challenger's mean error is ${percent(Math.abs(value))} ${value < 0 ? 'smaller' : 'larger'} than the champion's`;
  const limited = `the limit of ${percent(limit)}`;
  return {
    name: 'worse-than-champion',
    value,
    limit,
    breached,
    sentence: `${compared}; ${breached ? `it is surely worse by more than ${limited}` : `it is not surely worse by ${limited}`}.`,
  };
}

function missingPredictions(counts: ExperimentCounts, limit: number): GuardrailResult {
  const { championPredictions, missingPredictions: missing } = counts;
  const value = championPredictions === 0 ? null : missing / championPredictions;
  const breached = value !== null && championPredictions >= FEWEST_PREDICTIONS && value > limit;
  return {
    name: 'missing-predictions',
    value,
    limit,
    breached,
    sentence:
      value === null
        ? 'The champion has made no prediction since the start.'
        : `The challenger lacks ${group(missing)} of the champion's ${group(championPredictions)} predictions (${percent(value)}; the limit is ${percent(limit)}).`,
  };
}

function processFailures(value: number, limit: number): GuardrailResult {
  const times = value === 1 ? 'once' : `${group(value)} times`;
  return {
    name: 'process-failures',
    value,
    limit,
    breached: value >= limit,
    sentence:
      value === 0
        ? 'The challenger has not failed since the start.'
        : `The challenger has failed ${times} since the start; at ${group(limit)} the experiment ends.`,
  };
}

function group(count: number): string {
  return count.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
