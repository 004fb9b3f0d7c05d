import type { MetadataValue } from './python/find-models.ts';

/** How people call it beside a model. */
const KEYS = ['trained_until', 'trainedUntil', 'train_until', 'trained_to', 'train_end', 'training_end'];
const TEXT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,9})?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/;
/** Seconds since 1970 of 2000-01-01 and of 2100-01-01: numbers outside are no times of training. */
const FIRST_SECOND = 946_684_800;
const LAST_SECOND = 4_102_444_800;

/**
 * Until when a model was trained, out of what lies beside it: ISO 8601 in UTC, as exact as it was given, a bare date as its
 * midnight. A time without a zone counts as UTC. A number is taken for seconds or milliseconds since 1970, which cannot be
 * confused between 2000 and 2100.
 * @returns `undefined` when there is none, or it cannot be read without guessing
 */
export function trainedUntilIn(metadata: Readonly<Record<string, MetadataValue>>): string | undefined {
  for (const key of KEYS) {
    const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
    if (typeof value === 'string') return fromText(value.trim());
    if (typeof value === 'number') return fromNumber(value);
  }
  return undefined;
}

function fromText(text: string): string | undefined {
  const match = TEXT.exec(text);
  if (match === null) return undefined;
  const [, date = '', minutes = '00:00', seconds = ':00', fraction = '', zone = 'Z'] = match;
  const day = new Date(`${date}T00:00:00Z`);
  // 2025-02-30 would silently become March.
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== date) return undefined;
  const offset = zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  return isoText(new Date(`${date}T${minutes}${seconds}${fraction.slice(0, 4)}${offset}`));
}

function fromNumber(value: number): string | undefined {
  if (value >= FIRST_SECOND && value < LAST_SECOND) return isoText(new Date(value * 1000));
  if (value >= FIRST_SECOND * 1000 && value < LAST_SECOND * 1000) return isoText(new Date(value));
  return undefined;
}

function isoText(time: Date): string | undefined {
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString().replace('.000Z', 'Z');
}
