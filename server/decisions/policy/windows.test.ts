import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyWindow } from '../../../common/contracts/index.ts';
import { canEverOpen, isOpenAt, nextOpenings, opensNext, type Windows } from './windows.ts';

const at = (text: string) => Date.parse(text);
const allow = (...windows: Omit<PolicyWindow, 'name'>[]): Windows => ({
  allow: windows.map(named),
  deny: [],
});
const deny = (...windows: Omit<PolicyWindow, 'name'>[]): Windows => ({ allow: [], deny: windows.map(named) });
function named(window: Omit<PolicyWindow, 'name'>, index: number): PolicyWindow {
  return { name: `w${index}`, ...window };
}
/** Beginnings and ends as ISO text without seconds. */
const spans = (windows: Windows, from: string, most: number) =>
  nextOpenings(windows, at(from), most).map(({ opensAt, closesAt }) =>
    [opensAt, closesAt].map(ms => (ms === null ? null : new Date(ms).toISOString().slice(0, 16))),
  );

describe('maintenance windows', () => {
  it('are always open where there are none', () => {
    expect(isOpenAt(allow(), at('2026-11-26T12:00Z'))).toBe(true);
    expect(nextOpenings(allow(), at('2026-11-26T12:00Z'), 10)).toMatchObject([{ closesAt: null }]);
  });

  it('open and close by the clock of their zone, across midnight, on the days on which they begin', () => {
    const nights = allow({ zone: 'Europe/Berlin', days: ['fri'], from: '22:00', to: '06:00' });
    for (const [moment, isOpen] of [
      ['2026-11-27T20:59Z', false],
      ['2026-11-27T21:00Z', true],
      ['2026-11-28T04:59Z', true],
      ['2026-11-28T05:00Z', false],
      ['2026-11-28T21:00Z', false],
    ] as const)
      expect([moment, isOpenAt(nights, at(moment))]).toEqual([moment, isOpen]);
    expect(opensNext(nights, at('2026-11-26T12:00Z'))).toBe(at('2026-11-27T21:00Z'));
    expect(opensNext(nights, at('2026-11-27T22:00Z'))).toBe(at('2026-11-27T22:00Z'));
  });

  it('give way to what is closed, and join where they touch', () => {
    const windows: Windows = {
      allow: [
        { name: 'day', zone: 'UTC', from: '08:00', to: '12:00' },
        { name: 'noon', zone: 'UTC', from: '12:00', to: '14:00' },
      ],
      deny: [{ name: 'lunch', zone: 'UTC', from: '12:30', to: '13:00' }],
    };
    expect(spans(windows, '2026-11-26T00:00Z', 3)).toEqual([
      ['2026-11-26T08:00', '2026-11-26T12:30'],
      ['2026-11-26T13:00', '2026-11-26T14:00'],
      ['2026-11-27T08:00', '2026-11-27T12:30'],
    ]);
  });

  it('keep to dates, and say that nothing comes when all are past', () => {
    const dates = [{ first: '2026-12-24', last: '2026-12-26' }];
    expect(spans(deny({ zone: 'UTC', dates }), '2026-12-23T00:00Z', 10)).toEqual([
      ['2026-12-15T00:00', '2026-12-24T00:00'],
      ['2026-12-27T00:00', null],
    ]);
    expect(spans(allow({ zone: 'UTC', dates }), '2026-12-23T00:00Z', 10)).toEqual([
      ['2026-12-24T00:00', '2026-12-27T00:00'],
    ]);
    expect(opensNext(allow({ zone: 'UTC', dates }), at('2026-12-27T00:00Z'))).toBeUndefined();
    const far = allow({ zone: 'UTC', dates: [{ first: '2028-02-29', last: '2028-02-29' }] });
    expect(opensNext(far, at('2026-11-26T00:00Z'))).toBe(at('2028-02-29T00:00Z'));
  });

  it('never open on dates that hold none of their days', () => {
    const dates = [{ first: '2026-11-24', last: '2026-11-26' }];
    expect(canEverOpen({ name: 'w', zone: 'UTC', days: ['mon'], dates })).toBe(false);
    expect(canEverOpen({ name: 'w', zone: 'UTC', days: ['thu'], dates })).toBe(true);
  });
});

describe('where clocks change', () => {
  // Berlin: 2026-03-29 02:00 → 03:00 at 01:00 UTC, 2026-10-25 03:00 → 02:00 at 01:00 UTC.
  it('a beginning in the hour that is jumped over is the moment of the jump', () => {
    const windows = allow({ zone: 'Europe/Berlin', from: '02:30', to: '04:00' });
    expect(spans(windows, '2026-03-28T12:00Z', 2)).toEqual([
      ['2026-03-29T01:00', '2026-03-29T02:00'],
      ['2026-03-30T00:30', '2026-03-30T02:00'],
    ]);
  });

  it('a window within the hour that is jumped over does not open that day', () => {
    const windows = allow({ zone: 'Europe/Berlin', from: '02:10', to: '02:50' });
    expect(spans(windows, '2026-03-28T12:00Z', 1)).toEqual([['2026-03-30T00:10', '2026-03-30T00:50']]);
    const dates = [{ first: '2026-03-29', last: '2026-03-29' }];
    expect(canEverOpen({ name: 'w', zone: 'Europe/Berlin', from: '02:10', to: '02:50', dates })).toBe(false);
  });

  it('of an hour that comes twice, an open window takes the first and a closed one both', () => {
    const hour = { zone: 'Europe/Berlin', from: '02:00', to: '02:30' };
    expect(spans(allow(hour), '2026-10-24T12:00Z', 1)).toEqual([['2026-10-25T00:00', '2026-10-25T00:30']]);
    const closed = deny(hour);
    for (const moment of ['2026-10-25T00:00Z', '2026-10-25T00:45Z', '2026-10-25T01:29Z'])
      expect([moment, isOpenAt(closed, at(moment))]).toEqual([moment, false]);
    expect(isOpenAt(closed, at('2026-10-25T01:30Z'))).toBe(true);
  });

  it('a window across midnight and across the change is an hour longer or shorter', () => {
    const nights = allow({ zone: 'America/New_York', from: '22:00', to: '06:00' });
    const hours = nextOpenings(nights, at('2026-03-07T12:00Z'), 2).map(
      ({ opensAt, closesAt }) => ((closesAt ?? 0) - opensAt) / 3_600_000,
    );
    expect(hours).toEqual([7, 8]);
    const autumn = nextOpenings(nights, at('2026-10-31T12:00Z'), 2).map(
      ({ opensAt, closesAt }) => ((closesAt ?? 0) - opensAt) / 3_600_000,
    );
    expect(autumn).toEqual([9, 8]);
  });

  it('holds in zones of half hours, and with a change of half an hour', () => {
    const kolkata = allow({ zone: 'Asia/Kolkata', from: '00:00', to: '01:00' });
    expect(spans(kolkata, '2026-11-26T12:00Z', 1)).toEqual([['2026-11-26T18:30', '2026-11-26T19:30']]);
    // Lord Howe: 2026-04-05 02:00 → 01:30 at 15:00 UTC of the 4th; 2026-10-04 02:00 → 02:30 at 15:30 UTC of the 3rd.
    const lordHowe = { zone: 'Australia/Lord_Howe', from: '01:30', to: '02:15' };
    expect(spans(allow(lordHowe), '2026-04-04T02:00Z', 1)).toEqual([
      ['2026-04-04T14:30', '2026-04-04T15:45'],
    ]);
    expect(spans(allow(lordHowe), '2026-10-03T02:00Z', 1)).toEqual([
      ['2026-10-03T15:00', '2026-10-03T15:30'],
    ]);
  });

  it('a whole day is what the calendar of the zone has: 23 and 25 hours', () => {
    const sundays = allow({ zone: 'Europe/Berlin', days: ['sun'] });
    expect(spans(sundays, '2026-03-28T12:00Z', 1)).toEqual([['2026-03-28T23:00', '2026-03-29T22:00']]);
    expect(spans(sundays, '2026-10-24T12:00Z', 1)).toEqual([['2026-10-24T22:00', '2026-10-25T23:00']]);
  });
});

describe('openings and moments', () => {
  const zone = fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'UTC',
  );
  const clock = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30', '45'))
    .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
  const window = fc
    .record(
      {
        zone,
        days: fc.uniqueArray(fc.constantFrom('mon', 'tue', 'wed', 'sat', 'sun'), { minLength: 1 }),
        from: clock,
        to: clock,
      },
      { requiredKeys: ['zone'] },
    )
    .map(one => named(one as Omit<PolicyWindow, 'name'>, 0));
  const windows = fc.record({
    allow: fc.array(window, { maxLength: 3 }),
    deny: fc.array(window, { maxLength: 3 }),
  });

  it('say the same: it is open exactly within the openings', () => {
    const start = fc.integer({
      min: at('2026-03-25T00:00Z') / 900_000,
      max: at('2026-10-28T00:00Z') / 900_000,
    });
    fc.assert(
      fc.property(windows, start, fc.integer({ min: 0, max: 8 * 96 }), (given, quarter, ahead) => {
        const from = quarter * 900_000;
        const openings = nextOpenings(given, from, 400);
        const moment = from + ahead * 900_000;
        const within = openings.some(
          ({ opensAt, closesAt }) => opensAt <= moment && (closesAt === null || moment < closesAt),
        );
        expect(isOpenAt(given, moment)).toBe(within);
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
