import type { Experiment, ForecastSummary, Model } from '../../../common/contracts/index.ts';
import { formatBytes } from '../../../common/units/index.ts';
import type { FigureProps } from '../../components/figures.tsx';
import { counted, formatCount } from '../../components/number-text.ts';
import { pagePart } from '../../connection/api-path.ts';
import { errorAgainstPersistence } from './error-against-persistence.ts';
import { versionName } from './model-order.ts';

/** What the page knows. */
export interface ModelsKnown {
  readonly models: readonly Model[];
  readonly experiments: readonly Experiment[];
  readonly summaries: ReadonlyMap<string, ForecastSummary>;
}

/** The state of all models in one sentence. */
export function modelsSentence({ models, experiments }: ModelsKnown): string {
  if (models.length === 0) return 'No model; the last price stands for the future.';
  const champion = models.find(({ aliases }) => aliases.includes('champion'));
  const open = openGaps(models).length;
  const running = experiments.filter(({ endedAt }) => endedAt === null).length;
  return `${[
    champion
      ? `${versionName(champion)} is the active model`
      : 'No model is active, so the last price stands for the future',
    open === 0 ? 'no gap is open' : `${counted(open, 'version')} with an open gap`,
    ...(running === 0 ? [] : [running === 1 ? 'an experiment runs' : `${running} experiments run`]),
  ].join('; ')}.`;
}

/** The four figures of the page. */
export function modelsFigures({ models, experiments, summaries }: ModelsKnown): FigureProps[] {
  const champion = models.find(({ aliases }) => aliases.includes('champion'));
  const open = openGaps(models);
  const longest = Math.round(Math.max(0, ...open.map(({ gapDays }) => gapDays)));
  const running = experiments.find(({ endedAt }) => endedAt === null);
  const challenger = models.find(({ id }) => id === running?.challengerId);
  const names = new Set(models.map(({ manifest }) => manifest.name)).size;
  // A converted model has two files; the same file may belong to several versions.
  const files = new Map(
    models.flatMap(({ sha256, bytes, original }) => [
      [sha256, bytes],
      [original.sha256, original.bytes],
    ]),
  );
  const stored = [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
  return [
    {
      label: 'Champion',
      value: champion ? versionName(champion) : 'None',
      below: champion ? errorWords(summaries.get(champion.id)) : 'persistence serves instead',
      href: champion ? `/models/${pagePart(champion.id)}` : undefined,
    },
    {
      label: 'Open gaps',
      value: formatCount(open.length),
      below:
        open.length === 0
          ? 'every usable version can predict for today'
          : `the longest is ${counted(longest, 'day')}`,
      tone: open.length === 0 ? undefined : 'risk',
    },
    {
      label: 'Experiment',
      value: running ? (running.rule.mode === 'shadow' ? 'In shadow' : 'A/B') : 'None runs',
      below: challenger
        ? `${versionName(challenger)} is the challenger`
        : experiments.length === 0
          ? 'none so far'
          : `${counted(experiments.length, 'experiment')} before`,
      href: running ? `/models/experiments/${pagePart(running.id)}` : undefined,
    },
    {
      label: 'Versions',
      value: formatCount(models.length),
      below: `of ${counted(names, 'model')}, ${formatBytes(stored)} in ${counted(files.size, 'file')}`,
    },
  ];
}

function openGaps(models: readonly Model[]): Model[] {
  return models.filter(({ state }) => state === 'gap-open');
}

function errorWords(summary: ForecastSummary | undefined): string {
  const error = errorAgainstPersistence(summary);
  return error.kind === 'unknown' ? 'error unknown yet' : `error ${error.text} against persistence`;
}
