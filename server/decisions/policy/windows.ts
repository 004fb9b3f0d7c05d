import type { PolicyDocument, PolicyOpening, PolicyWindow } from '../../../common/contracts/index.ts';
import { weekdays } from '../../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../../common/units/index.ts';
import { wallMoments, zoneOffsetMs } from './zone-time.ts';

export type Windows = PolicyDocument['windows'];

/** No window is looked for further ahead than this. */
const HORIZON_MS = 732 * MS_PER_DAY;
/** Openings are looked for in pieces of this length, so that the next one is found at once in most policies. */
const PIECE_MS = 21 * MS_PER_DAY;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly windows: readonly PolicyWindow[];
}

/**
 * Whether plans may start at a moment: within an open window, or any time where there is none, and in no closed one.
 *
 * Windows are read off the clock on the wall. Where that jumps over a time, the moment of the jump stands for it. Where a time
 * comes twice, whatever is safer counts: an open window begins and ends with the first, a closed one lasts to the second.
 */
export function isOpenAt(windows: Windows, atMs: number): boolean {
  const contains = ({ fromMs, toMs }: Span) => fromMs <= atMs && atMs < toMs;
  const near = (window: PolicyWindow, kind: 'allow' | 'deny') =>
    spansOf(window, kind, atMs - 2 * MS_PER_DAY, atMs + MS_PER_DAY).some(contains);
  if (windows.deny.some(window => near(window, 'deny'))) return false;
  return windows.allow.length === 0 || windows.allow.some(window => near(window, 'allow'));
}

/** The closed windows that a moment lies in; for telling why. */
export function closedBy({ deny }: Windows, atMs: number): readonly PolicyWindow[] {
  return deny.filter(window => !isOpenAt({ allow: [], deny: [window] }, atMs));
}

/** When plans may start next, at or after a moment; `undefined` when that is not within two years. */
export function opensNext(windows: Windows, atMs: number): number | undefined {
  if (isOpenAt(windows, atMs)) return atMs;
  return nextOpenings(windows, atMs, 1)[0]?.opensAt;
}

/**
 * The next times in which plans may start, in order; one that is open at the moment comes first, with its beginning, or eight days
 * ago where that is longer ago.
 */
export function nextOpenings(windows: Windows, atMs: number, most: number): PolicyOpening[] {
  const endMs = atMs + HORIZON_MS;
  const startMs = atMs - 8 * MS_PER_DAY;
  const found: Span[] = [];
  for (let fromMs = startMs; fromMs < endMs; fromMs += PIECE_MS) {
    const toMs = Math.min(fromMs + PIECE_MS, endMs);
    for (const span of openSpans(windows, fromMs, toMs)) {
      const last = found.at(-1);
      if (last && last.toMs >= span.fromMs) {
        const names = new Set([...last.windows, ...span.windows]);
        found[found.length - 1] = { fromMs: last.fromMs, toMs: span.toMs, windows: [...names] };
      } else found.push(span);
    }
    // The last one may go on in the next piece.
    if (found.filter(span => span.toMs > atMs).length > most) break;
    if (isForever(windows, toMs)) break;
  }
  return found
    .filter(span => span.toMs > atMs)
    .slice(0, most)
    .map(({ fromMs, toMs, windows: by }) => ({
      opensAt: fromMs,
      // Still open where the search ended: no end in sight.
      closesAt: isOpenAt(windows, toMs) ? null : toMs,
      windows: by.map(({ name, zone }) => ({ name, zone })),
    }));
}

/** Whether there is neither an open nor a closed window. */
export function isAlwaysOpen({ allow, deny }: Windows): boolean {
  return allow.length === 0 && deny.length === 0;
}

/** Whether a window has a day at all: its dates may hold none of its days, or the clock jump over it. */
export function canEverOpen(window: PolicyWindow): boolean {
  if (window.dates === undefined) return true;
  return window.dates.some(({ first, last }) => {
    const fromMs = Date.parse(first) - 2 * MS_PER_DAY;
    const toMs = Math.min(Date.parse(last), Date.parse(first) + 400 * MS_PER_DAY) + 2 * MS_PER_DAY;
    return spansOf(window, 'allow', fromMs, toMs).length > 0;
  });
}

/** After this moment nothing changes any more: all windows have dates, and all are past. */
function isForever({ allow, deny }: Windows, atMs: number): boolean {
  return [...allow, ...deny].every(
    ({ dates }) => dates?.every(({ last }) => Date.parse(last) + 3 * MS_PER_DAY < atMs) ?? false,
  );
}

function openSpans({ allow, deny }: Windows, fromMs: number, toMs: number): Span[] {
  const open =
    allow.length === 0
      ? [{ fromMs, toMs, windows: [] }]
      : merged(allow.flatMap(window => spansOf(window, 'allow', fromMs, toMs)));
  const closed = merged(deny.flatMap(window => spansOf(window, 'deny', fromMs, toMs)));
  return open.flatMap(span => without(span, closed));
}

/** Spans of a window that touch [fromMs, toMs), cut to it. */
function spansOf(window: PolicyWindow, kind: 'allow' | 'deny', fromMs: number, toMs: number): Span[] {
  const spans: Span[] = [];
  // Local dates by whole days as if the zone were UTC; one more before, for windows across midnight.
  const firstDay = Math.floor((fromMs + zoneOffsetMs(window.zone, fromMs)) / MS_PER_DAY) - 2;
  const lastDay = Math.floor((toMs + zoneOffsetMs(window.zone, toMs)) / MS_PER_DAY) + 1;
  for (let day = firstDay; day <= lastDay; day++) {
    if (!beginsOn(window, day)) continue;
    const span = spanOn(window, kind, day);
    const cut = { ...span, fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) };
    if (cut.toMs > cut.fromMs) spans.push(cut);
  }
  return spans;
}

function beginsOn({ days, dates }: PolicyWindow, day: number): boolean {
  // 1970-01-01 was a Thursday.
  const weekday = weekdays[(((day + 3) % 7) + 7) % 7];
  if (days && (weekday === undefined || !days.includes(weekday))) return false;
  if (!dates) return true;
  const date = new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
  return dates.some(({ first, last }) => first <= date && date <= last);
}

function spanOn(window: PolicyWindow, kind: 'allow' | 'deny', day: number): Span {
  const from = minutesOf(window.from ?? '00:00');
  const to = window.to === undefined ? 24 * 60 : minutesOf(window.to);
  const endDay = to > from ? day : day + 1;
  const begin = wallMoments(window.zone, day * MS_PER_DAY + from * MS_PER_MINUTE);
  const end = wallMoments(window.zone, endDay * MS_PER_DAY + to * MS_PER_MINUTE);
  return { fromMs: begin.firstMs, toMs: kind === 'allow' ? end.firstMs : end.lastMs, windows: [window] };
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}

function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1);
    if (!last || span.fromMs > last.toMs) {
      result.push(span);
      continue;
    }
    const windows = [...new Set([...last.windows, ...span.windows])];
    result[result.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs), windows };
  }
  return result;
}

function without(span: Span, closed: readonly Span[]): Span[] {
  let rest: Span[] = [span];
  for (const cut of closed) {
    rest = rest.flatMap(one =>
      cut.toMs <= one.fromMs || cut.fromMs >= one.toMs
        ? [one]
        : [
            { ...one, toMs: cut.fromMs },
            { ...one, fromMs: cut.toMs },
          ].filter(({ fromMs, toMs }) => toMs > fromMs),
    );
  }
  return rest;
}
