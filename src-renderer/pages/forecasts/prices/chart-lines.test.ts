import { expect, it } from 'vitest';
import { bandLevels, forecastLines, holesOf } from './chart-lines.ts';

const HOUR = 3_600_000;
const all = { band: true, persistence: true, seasonal: true };
const at = (hours: number, quantiles = [40_000, 50_000, 60_000]) => ({
  pool: 'us-east-1/us-east-1a/m5.large/Linux/UNIX',
  madeAt: (hours - 24) * HOUR,
  forMs: hours * HOUR,
  priceMicroUsdPerHour: 50_000,
  persistenceMicroUsdPerHour: 48_000,
  actualMicroUsdPerHour: null,
  seasonalMicroUsdPerHour: hours < 6 ? null : 47_000,
  quantiles: quantiles.map((priceMicroUsdPerHour, index) => ({
    q: [0.1, 0.5, 0.9][index] ?? 0,
    priceMicroUsdPerHour,
  })),
});

it('names the band by its outermost quantiles, and says between which lines it lies', () => {
  const { lines, band } = forecastLines([], [at(3), at(0)], 0, 24, all);
  expect(band).toEqual({ upper: 2, lower: 3, label: 'Predicted band, 10 % to 90 %' });
  expect(lines.map(({ label }) => label)).toEqual([
    'Persistence (the last price stays)',
    'Seasonal (the price of a week before)',
    '90 % quantile',
    '10 % quantile',
    'Predicted 24 h ahead',
    'What happened',
  ]);
  expect(lines[2]?.values).toEqual([0.06, 0.06]);
  expect(lines[2]?.timesMs).toEqual([0, 3 * HOUR]);
});

it('draws no band where there is none, and only what is asked for', () => {
  expect(bandLevels([at(0, [])])).toBeUndefined();
  const plain = forecastLines([], [at(0, [])], 0, 24, all);
  expect(plain.band).toBeUndefined();
  const { lines, band } = forecastLines([], [at(0)], 0, 24, {
    band: false,
    persistence: false,
    seasonal: false,
  });
  expect([lines.map(({ label }) => label), band]).toEqual([
    ['Predicted 24 h ahead', 'What happened'],
    undefined,
  ]);
});

it('leaves gaps where predictions or prices are missing, and unknown values as gaps', () => {
  const { lines } = forecastLines([], [at(0), at(3), at(12)], 0, 24, all);
  expect(lines.at(-2)?.values).toEqual([0.05, 0.05, null, 0.05]);
  expect(lines[1]?.values).toEqual([null, null, null, 0.047]);
  const points = [0, 24, 60].map(hours => ({ atMs: hours * HOUR, priceMicroUsdPerHour: 1 }));
  expect(holesOf(points, 70 * HOUR)).toEqual([{ fromMs: 48.5 * HOUR, toMs: 60 * HOUR }]);
  expect(holesOf(points, 90 * HOUR).at(-1)).toEqual({ fromMs: 84.5 * HOUR, toMs: 90 * HOUR });
});
