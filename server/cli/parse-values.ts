import { AppError } from '../../common/errors.ts';
import {
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  microUsdFromUsd,
  parseTime,
} from '../../common/units/index.ts';

const UNITS: Readonly<Record<string, number>> = { m: MS_PER_MINUTE, h: MS_PER_HOUR, d: MS_PER_DAY };

/** The time of a flag in ms. @throws AppError `input.invalid` naming flag and value. */
export function timeOf(flag: string, text: string): number {
  const ms = parseTime(text);
  if (ms !== undefined) return ms;
  throw new AppError('input.invalid', `${flag} is "${text}", which is no time.`, {
    hint: 'Write it as 2026-10-20T00:00:00Z.',
  });
}

/** The length of time of a flag in ms: `90m`, `24h`, `7d`. @throws AppError `input.invalid` naming flag and value. */
export function durationOf(flag: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([mhd])$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? 0);
  if (ms > 0 && Number.isInteger(ms / MS_PER_MINUTE)) return ms;
  throw new AppError('input.invalid', `${flag} is "${text}", which is no length of time.`, {
    hint: 'Write it as 90m, 24h or 7d.',
  });
}

/** A number of nodes of `--nodes`. @throws AppError `input.invalid` naming the value */
export function nodesOf(text: string): number {
  const nodes = Number(text);
  if (Number.isInteger(nodes) && nodes > 0) return nodes;
  throw new AppError('input.invalid', `--nodes is "${text}", which is no number of nodes.`);
}

/** A price in micro-USD per hour; `undefined` when left out. @throws AppError `input.invalid` naming flag and value */
export function usdOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const usd = Number(text);
  if (text.trim() !== '' && Number.isFinite(usd) && usd > 0) return microUsdFromUsd(usd);
  throw new AppError('input.invalid', `${flag} is "${text}", which is no price.`, {
    hint: 'Write it in USD per hour, as 0.918.',
  });
}
