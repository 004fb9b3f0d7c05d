import { MS_PER_DAY } from '../../../../common/units/index.ts';
import type { Feature, FeatureGroup } from '../feature.ts';

const WEEK_MS = 7 * MS_PER_DAY;
// 1970-01-01 was a Thursday: four days shift the week to begin on Sunday.
const SUNDAY_MS = 4 * MS_PER_DAY;
/** The mean Gregorian year. */
const YEAR_MS = 365.2425 * MS_PER_DAY;
const always = { lookbackMs: 0, revision: 1, looksAtNeighbours: false } as const;

/** What the clock says. */
export const calendarFeatures: FeatureGroup = {
  title: 'Calendar',
  features: [
    ...wave('hour_of_day', MS_PER_DAY, 0, 'the hour of the day, UTC'),
    ...wave('day_of_week', WEEK_MS, SUNDAY_MS, 'the time of the week, UTC, from Sunday 00:00'),
    ...wave('time_of_year', YEAR_MS, 0, 'the time of the mean Gregorian year, UTC, from 1970-01-01'),
    {
      ...always,
      name: 'is_weekend',
      unit: '1',
      description: '1 on Saturday and Sunday, UTC, else 0',
      fill: ofTime(time => {
        const day = Math.floor(((time + SUNDAY_MS) % WEEK_MS) / MS_PER_DAY);
        return day === 0 || day === 6 ? 1 : 0;
      }),
    },
  ],
};

function wave(name: string, periodMs: number, shiftMs: number, what: string): Feature[] {
  const feature = (suffix: string, turn: (angle: number) => number): Feature => ({
    ...always,
    name: `${name}_${suffix}`,
    unit: '1',
    description: `${suffix === 'sin' ? 'Sine' : 'Cosine'} of ${what}, one turn for the period`,
    fill: ofTime(time => turn((2 * Math.PI * ((time + shiftMs) % periodMs)) / periodMs)),
  });
  return [feature('sin', Math.sin), feature('cos', Math.cos)];
}

/** A backtest asks for the same list of times for every pool, so the figures are kept while the list is. */
function ofTime(figureOf: (timeMs: number) => number): Feature['fill'] {
  const known = new WeakMap<Float64Array, Float64Array>();
  return ({ timesMs }, { values, start, step }) => {
    const figures = known.get(timesMs) ?? timesMs.map(figureOf);
    known.set(timesMs, figures);
    for (let row = 0, at = start; row < figures.length; row++, at += step)
      values[at] = figures[row] as number;
  };
}
