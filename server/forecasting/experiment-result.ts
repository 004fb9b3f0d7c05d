import type { Experiment, ExperimentResult, MeanError } from '../../common/contracts/index.ts';
import { formatDuration } from '../../common/units/index.ts';
import { usualConfidence } from './confidence-sequence.ts';
import { type ExperimentCounts, guardrailsOf } from './experiment-guardrails.ts';
import { judgeDifferences } from './judge-differences.ts';
import type { BlockError, PairedBlock } from './paired-errors.ts';

/** An experiment as far as its judgement needs it. */
export type ExperimentToJudge = Pick<
  Experiment,
  'id' | 'championId' | 'challengerId' | 'startedAt' | 'endedAt' | 'alpha' | 'guardrails'
>;

/**
 * What an experiment shows so far: the difference of mean errors with bounds that hold however often one looks, how much
 * longer it may take, and the guardrails. Each guardrail has a chance of `alpha` of its own to be breached by chance.
 * @param blocks oldest first; `first` is the champion, `second` the challenger
 * @param blockMs length of a block, for the time that is left
 */
export function experimentResult(
  experiment: ExperimentToJudge,
  blocks: readonly PairedBlock[],
  counts: ExperimentCounts,
  blockMs: number,
  asOfMs: number,
): ExperimentResult {
  const confidence = { ...usualConfidence, alpha: experiment.alpha };
  const { observationsLeft: blocksLeft, ...judged } = judgeDifferences(
    blocks.map(({ endMs, first, second }) => ({ atMs: endMs, value: first.relative - second.relative })),
    confidence,
  );
  const guardrails = guardrailsOf(blocks, counts, experiment.guardrails, confidence);
  const result = {
    experimentId: experiment.id,
    asOfMs,
    blocks: blocks.length,
    points: blocks.reduce((sum, block) => sum + block.points, 0),
    pools: blocks.reduce((most, block) => Math.max(most, block.pools), 0),
    ...judged,
    championError: meanOf(blocks.map(block => block.first)),
    challengerError: meanOf(blocks.map(block => block.second)),
    persistenceError: meanOf(blocks.map(block => block.persistence)),
    blocksLeft,
    etaMs: blocksLeft === null ? null : blocksLeft * blockMs,
    guardrails,
  };
  return { ...result, sentence: sentenceOf(result, confidence.fewest, blockMs) };
}

function meanOf(errors: readonly BlockError[]): MeanError | null {
  if (errors.length === 0) return null;
  const mean = (value: (error: BlockError) => number) =>
    errors.reduce((sum, error) => sum + value(error), 0) / errors.length;
  return { relative: mean(error => error.relative), maeUsd: mean(error => error.maeUsd) };
}

function sentenceOf(result: Omit<ExperimentResult, 'sentence'>, fewest: number, blockMs: number): string {
  const breached = result.guardrails.find(guardrail => guardrail.breached);
  if (breached) return breached.sentence;
  const { blocks, championError, challengerError, blocksLeft } = result;
  const length = formatDuration(blockMs);
  if (result.verdict === 'too-few' || !championError || !challengerError) {
    return `${count(blocks, 'stretch', 'stretches')} of ${length} ${blocks === 1 ? 'is' : 'are'} over; from ${fewest} on, in ${formatDuration((fewest - blocks) * blockMs)} at the earliest, there is something to say.`;
  }
  const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
  const compared = `Over ${count(blocks, 'stretch', 'stretches')} of ${length} the challenger is off by ${percent(challengerError.relative)} of the price on average, the champion by ${percent(championError.relative)}`;
  if (result.verdict === 'challenger-better') return `${compared}: the challenger is better.`;
  if (result.verdict === 'champion-better') return `${compared}: the champion is better.`;
  const wait =
    blocksLeft === null
      ? 'when it will be decided cannot be foreseen'
      : `it may take ${formatDuration(blocksLeft * blockMs)} more if it goes on like this`;
  return `${compared}: undecided so far; ${wait}.`;
}

function count(value: number, one: string, many: string): string {
  return `${value.toLocaleString('en-US')} ${value === 1 ? one : many}`;
}
