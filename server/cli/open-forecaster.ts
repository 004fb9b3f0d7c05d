import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { ModelManifest } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_HOUR, type Pool, parseTime } from '../../common/units/index.ts';
import {
  baselineForecaster,
  baselineNames,
  type Forecaster,
  featureCatalog,
  isBaseline,
  isInScope,
  isRiskBaseline,
  modelForecaster,
  modelRiskForecaster,
  type RiskForecaster,
  riskBaselineForecaster,
  riskBaselineNames,
} from '../forecasting/index.ts';
import { openModelFile } from '../models/index.ts';
import { createLog } from '../platform/index.ts';
import { durationOf, timeOf } from './parse-values.ts';

const USUAL_HORIZON_MS = 24 * MS_PER_HOUR;
/** Processes of the model; more would wait for features. */
const MOST_PROCESSES = 4;

export interface ForecasterFlags {
  readonly horizon?: string;
  readonly trainedUntil?: string;
  readonly target?: string;
  readonly quantiles?: string;
  readonly manifest?: string;
}

/** What a command tests: prices, or probabilities of interruption. */
export type OpenForecaster = OpenSubject &
  (
    | { readonly task: 'spot-price'; readonly forecaster: Forecaster }
    | { readonly task: 'interruption'; readonly forecaster: RiskForecaster }
  );

interface OpenSubject {
  /** `undefined` for a baseline. */
  readonly trainedUntilMs: number | undefined;
  isInScope(pool: Pool): boolean;
  /** For which pools it is, in words. */
  readonly scopeText: string;
  close(): Promise<void>;
}

/**
 * Opens a model file, or a baseline of the task by its word. Flags may say what the model does not, and never something else than it
 * does: an embargo that can be talked away is none.
 * @param task of the model where it does not say; one that says another is refused
 * @throws AppError `input.invalid` or `model.…`
 */
export async function openForecaster(
  model: string,
  flags: ForecasterFlags,
  task: OpenForecaster['task'],
): Promise<OpenForecaster> {
  const horizonMs = flags.horizon ? durationOf('--horizon', flags.horizon) : undefined;
  const baseline = baselineOf(model, task, horizonMs ?? USUAL_HORIZON_MS);
  if (baseline) {
    const everywhere = { isInScope: () => true, scopeText: 'all', close: async () => undefined };
    return { ...baseline, ...everywhere, trainedUntilMs: undefined };
  }
  if (!existsSync(model)) {
    const names = task === 'interruption' ? riskBaselineNames : baselineNames;
    throw new AppError(
      'input.invalid',
      `"${model}" is no file, and no baseline: those are ${names.join(', ')}.`,
      { hint: 'Give the path of a model; relative ones count from where the command was called.' },
    );
  }
  const trainedUntilMs =
    flags.trainedUntil === undefined ? undefined : timeOf('--trained-until', flags.trainedUntil);
  const levels = flags.quantiles === undefined ? [] : levelsOf(flags.quantiles);
  const opened = await openModelFile(model, {
    features: featureCatalog,
    children: { nodePath: process.execPath },
    log: createLog('silent'),
    nowMs: Date.now(),
    processes: Math.min(MOST_PROCESSES, availableParallelism()),
    manifestFile: flags.manifest,
    fallback: {
      name: model.replace(/^.*[/\\]/, '').slice(0, 80),
      version: 'unknown',
      task,
      // Every pool in the files, unless the model says for which it is.
      scope: { regions: ['every'], products: [] },
      ...(trainedUntilMs === undefined ? {} : { trainedUntil: flags.trainedUntil }),
      ...(flags.target === undefined ? {} : { target: flags.target }),
      ...(horizonMs === undefined ? {} : { horizonHours: horizonMs / MS_PER_HOUR }),
    },
  });
  try {
    const { manifest, saysScope } = opened;
    refuseOther(
      '--horizon',
      flags.horizon,
      horizonMs,
      manifest.horizonHours * MS_PER_HOUR,
      `${manifest.horizonHours}h`,
    );
    const saidUntilMs = parseTime(manifest.trainedUntil) ?? 0;
    refuseOther('--trained-until', flags.trainedUntil, trainedUntilMs, saidUntilMs, manifest.trainedUntil);
    if (manifest.task !== task) throw otherTask(manifest);
    return {
      ...(task === 'interruption'
        ? { task, forecaster: modelRiskForecaster(manifest, opened) }
        : { task, forecaster: modelForecaster(manifest, opened, levels) }),
      trainedUntilMs: saidUntilMs,
      scopeText: saysScope ? scopeText(manifest.scope) : 'all',
      isInScope: pool => !saysScope || isInScope(manifest.scope, pool),
      close: () => opened.close(),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function baselineOf(model: string, task: OpenForecaster['task'], horizonMs: number) {
  if (task === 'spot-price')
    return isBaseline(model) ? { task, forecaster: baselineForecaster(model, horizonMs) } : undefined;
  return isRiskBaseline(model) ? { task, forecaster: riskBaselineForecaster(model, horizonMs) } : undefined;
}

function otherTask({ name, task }: ModelManifest): AppError {
  const said = `"${name}" is a model for ${task}`;
  if (task === 'interruption')
    return new AppError('input.invalid', `${said}, which is tested on recordings of availability.`, {
      hint: 'Give them with --availability; --prices may tell the prices of their pools.',
    });
  if (task === 'spot-price')
    return new AppError('input.invalid', `${said}, which is tested on prices.`, {
      hint: 'Give --prices, and leave --availability out.',
    });
  return new AppError('input.invalid', `${said}; only models for spot-price and interruption are tested.`);
}

function scopeText({ regions, instanceTypes, products }: ModelManifest['scope']): string {
  return [regions, instanceTypes, products]
    .filter(list => list.length > 0)
    .map(list => (list.length > 5 ? `${list.slice(0, 5).join(', ')}, …` : list.join(', ')))
    .join('; ');
}

function refuseOther(
  flag: string,
  text: string | undefined,
  given: number | undefined,
  said: number,
  saidText: string,
): void {
  if (given === undefined || given === said) return;
  throw new AppError('input.invalid', `${flag} is ${text}, but the model says ${saidText}.`, {
    hint: `Leave ${flag} out.`,
  });
}

function levelsOf(text: string): number[] {
  const levels = text.split(',').map(part => (part.trim() === '' ? Number.NaN : Number(part)));
  const isAscending = levels.every((level, index) => index === 0 || level > (levels[index - 1] ?? 1));
  if (isAscending && levels.every(level => level > 0 && level < 1)) return levels;
  throw new AppError(
    'input.invalid',
    `--quantiles is "${text}"; it takes ascending numbers between 0 and 1.`,
    {
      hint: 'Write it as 0.1,0.5,0.9, in the order of the columns of the model.',
    },
  );
}
