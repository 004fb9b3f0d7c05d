import type { Experiment, ExperimentResult } from '../../../../common/contracts/index.ts';
import { formatDuration } from '../../../../common/units/index.ts';
import { modeName, outcomeBadge } from '../../../components/experiments/outcome-words.ts';
import { Figures } from '../../../components/figures.tsx';
import { counted, formatShare, signedPercent } from '../../../components/number-text.ts';

const VERDICTS: Record<ExperimentResult['verdict'], string> = {
  'challenger-better': 'Challenger is better',
  'champion-better': 'Champion is better',
  undecided: 'Undecided',
  'too-few': 'Too early to say',
};

/** The four figures of an experiment. */
export function ExperimentFigures(props: {
  readonly experiment: Experiment;
  readonly result: ExperimentResult | undefined;
  readonly nowMs: number;
}) {
  const { experiment, result, nowMs } = props;
  const { startedAt, endedAt, alpha } = experiment;
  const mean = result?.meanDifference ?? null;
  const bounds =
    result === undefined || result.lower === null || result.upper === null
      ? 'no bounds yet'
      : `between ${signedPercent(100 * result.lower)} and ${signedPercent(100 * result.upper)}`;
  return (
    <Figures
      figures={[
        {
          label: 'Verdict',
          value: result ? VERDICTS[result.verdict] : 'Too early to say',
          below: `at most ${formatShare(alpha)} chance of a false one`,
          tone: result?.verdict === 'challenger-better' ? 'saving' : undefined,
        },
        {
          label: 'Error that the challenger saves',
          value: mean === null ? 'unknown' : signedPercent(100 * mean),
          below: mean === null ? 'in % of the price' : `of the price, ${bounds}`,
        },
        {
          label: 'Compared',
          value: result ? counted(result.blocks, 'block') : 'nothing yet',
          below: `a block is one horizon${result ? `; ${blocksLeftWords(result)}` : ''}`,
        },
        {
          label: endedAt === null ? 'Runs for' : 'Ran for',
          value: formatDuration((endedAt ?? nowMs) - startedAt),
          below: `${modeName(experiment)}, ${outcomeBadge(experiment).text.toLowerCase()}`,
        },
      ]}
    />
  );
}

function blocksLeftWords({ verdict, blocksLeft }: ExperimentResult): string {
  if (verdict === 'challenger-better' || verdict === 'champion-better') return 'enough to decide';
  return blocksLeft === null
    ? 'how many more it takes is unknown'
    : `about ${counted(blocksLeft, 'more', 'more')} to go`;
}
