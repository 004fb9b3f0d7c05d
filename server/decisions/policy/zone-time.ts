import { IANAZone } from 'luxon';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../../common/units/index.ts';

/** The moments at which a clock on the wall shows a time: one, none (the clock jumps over it), or two. */
export interface WallMoments {
  /** ms UTC; where the clock jumps over the time, the moment of the jump. */
  readonly firstMs: number;
  /** Later than `firstMs` where the time comes twice. */
  readonly lastMs: number;
}

/** Whether this names a zone of the IANA database that this runtime knows. */
export function isZone(zone: string): boolean {
  return IANAZone.isValidZone(zone);
}

/** Offsets at the beginning of UTC days, by zone and day: to ask the runtime takes 15 µs, and two years of windows ask a million times. */
const offsetsOfDays = new Map<string, Map<number, number>>();
const MOST_ZONES = 64;

/** What must be added to UTC for the clock on the wall, at a moment; ms. */
export function zoneOffsetMs(zone: string, atMs: number): number {
  const day = Math.floor(atMs / MS_PER_DAY);
  const offset = offsetOfDay(zone, day);
  // No zone changes its offset and changes it back within a day.
  return offset === offsetOfDay(zone, day + 1) ? offset : askOffsetMs(zone, atMs);
}

function offsetOfDay(zone: string, day: number): number {
  let days = offsetsOfDays.get(zone);
  if (!days) {
    if (offsetsOfDays.size >= MOST_ZONES) offsetsOfDays.clear();
    days = new Map();
    offsetsOfDays.set(zone, days);
  }
  const known = days.get(day);
  if (known !== undefined) return known;
  if (days.size > 2_000) days.clear();
  const offset = askOffsetMs(zone, day * MS_PER_DAY);
  days.set(day, offset);
  return offset;
}

function askOffsetMs(zone: string, atMs: number): number {
  return IANAZone.create(zone).offset(atMs) * MS_PER_MINUTE;
}

/**
 * When the clock on the wall of a zone shows a time.
 * @param wallMs the time as if the zone were UTC: 02:30 on 2026-03-29 is `Date.UTC(2026, 2, 29, 2, 30)`
 */
export function wallMoments(zone: string, wallMs: number): WallMoments {
  // No zone is more than 14 h from UTC, and none changes its offset twice within these days.
  const offsets = [wallMs - 1.5 * MS_PER_DAY, wallMs + 1.5 * MS_PER_DAY].map(at => zoneOffsetMs(zone, at));
  const [before = 0, after = 0] = offsets;
  const found = [wallMs - before, wallMs - after].filter(at => at + zoneOffsetMs(zone, at) === wallMs);
  if (found.length > 0) return { firstMs: Math.min(...found), lastMs: Math.max(...found) };
  const jumpMs = jumpBetween(zone, wallMs - after, wallMs - before);
  return { firstMs: jumpMs, lastMs: jumpMs };
}

/** The first moment with the later offset, by halving; the offset changes once between the two. */
function jumpBetween(zone: string, fromMs: number, toMs: number): number {
  const later = zoneOffsetMs(zone, toMs);
  let [low, high] = [fromMs, toMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zoneOffsetMs(zone, middle) === later) high = middle;
    else low = middle;
  }
  return high;
}
