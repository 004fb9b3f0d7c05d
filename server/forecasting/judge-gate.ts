import type { Model } from '../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import { ConfidenceSequence, usualConfidence } from './confidence-sequence.ts';
import type { ForecastParts } from './forecast-parts.ts';
import { loadBlocks } from './load-blocks.ts';

/** Whether a champion may go on serving. */
export interface GateResult {
  readonly breached: boolean;
  readonly sentence: string;
  readonly blocks: number;
}

/**
 * Whether a champion is surely worse than "the last price stays" since it became champion: breached when the confidence
 * sequence of (its error − the error of persistence) lies above 0. It may be asked each hour: the chance that a champion that
 * is no worse is ever found so is 5 %.
 * @returns `undefined` for a model that is no champion for prices
 */
export async function judgeGate(parts: ForecastParts, model: Model): Promise<GateResult | undefined> {
  // A price alone can be compared with "the last price stays".
  if (!model.aliases.includes('champion') || model.manifest.task !== 'spot-price') return undefined;
  const entries = await parts.models.activationsOf(model.id);
  const activatedAt = entries.findLast(entry => entry.alias === 'champion' && entry.kind !== 'retired')?.at;
  if (activatedAt === undefined) return undefined;
  const blocks = await loadBlocks(parts, {
    judgement: `gate/${model.id}/${activatedAt}`,
    firstId: model.id,
    secondId: undefined,
    startMs: activatedAt,
    endMs: parts.clock.now(),
    blockMs: model.manifest.horizonHours * MS_PER_HOUR,
  });
  const sequence = new ConfidenceSequence(usualConfidence);
  let ofModel = 0;
  let ofPersistence = 0;
  for (const { first, persistence } of blocks) {
    sequence.add(first.relative - persistence.relative);
    ofModel += first.relative;
    ofPersistence += persistence.relative;
  }
  const breached = blocks.length > 0 && sequence.now().lower > 0;
  const percent = (sum: number) => `${Number(((sum / blocks.length) * 100).toPrecision(3))} %`;
  const sentence =
    blocks.length < usualConfidence.fewest
      ? `"${model.manifest.name}" has been champion for ${blocks.length} horizons that can be compared; it is judged from ${usualConfidence.fewest} on.`
      : `Since it became champion, "${model.manifest.name}" is off by ${percent(ofModel)} of the price on average over ${blocks.length} horizons, persistence ("the last price stays") by ${percent(ofPersistence)}: it is ${breached ? 'surely worse' : 'not surely worse'}.`;
  return { breached, sentence, blocks: blocks.length };
}
