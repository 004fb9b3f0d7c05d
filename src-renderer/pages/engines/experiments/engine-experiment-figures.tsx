import type { EngineExperiment, EngineExperimentResult } from '../../../../common/contracts/index.ts';
import { formatDuration } from '../../../../common/units/index.ts';
import { modeName, outcomeBadge } from '../../../components/experiments/outcome-words.ts';
import { Figures } from '../../../components/figures.tsx';
import { counted, formatShare, signedPercent } from '../../../components/number-text.ts';
import { runsLeftWords } from './engine-experiment-words.ts';

const VERDICTS: Record<EngineExperimentResult['verdict'], string> = {
  'challenger-better': 'Challenger saves more',
  'champion-better': 'Champion saves more',
  undecided: 'Undecided',
  'too-few': 'Too early to say',
  unknown: 'Unknown',
};

/** The four figures of an experiment between engines. */
export function EngineExperimentFigures(props: {
  readonly experiment: EngineExperiment;
  readonly result: EngineExperimentResult | undefined;
  readonly nowMs: number;
}) {
  const { experiment, result, nowMs } = props;
  const { startedAt, endedAt, alpha, rule } = experiment;
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
          value: result && VERDICTS[result.verdict],
          below:
            rule.mode === 'ab'
              ? 'the sides differ by their clusters, too'
              : `at most ${formatShare(alpha)} chance of a false one`,
          tone: result?.verdict === 'challenger-better' ? 'saving' : undefined,
        },
        {
          label: 'Cost that the challenger saves beyond the champion',
          value: result && (mean === null ? 'unknown' : signedPercent(100 * mean)),
          below: mean === null ? 'from the first hour with runs on' : `of the present cost, ${bounds}`,
        },
        {
          label: 'Compared',
          value: result && counted(result.compared, 'run'),
          below: result && `${counted(result.hours, 'hour')} with runs over; ${runsLeftWords(result)}`,
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
