import { describe, expect, it } from 'vitest';
import type { BacktestPoolRow, BacktestReport } from '../../../common/contracts/index.ts';
import { readCsv } from '../../models/index.ts';
import { poolsAsCsv } from './render-csv.ts';
import { reportAsHtml } from './render-html.ts';

const HOSTILE = '</style><script>alert("x")</script>';

const report: BacktestReport = {
  model: HOSTILE,
  horizonHours: 24,
  pools: 1,
  points: 100,
  mae: 0.001,
  rmse: 0.002,
  mape: 0.5,
  mase: 0.9,
  bias: 0,
  pinball: 0.0004,
  coverage: 0.8,
  quantiles: {
    levels: [
      { level: 0.1, observed: 0.12, pinball: 0.0003 },
      { level: 0.9, observed: 0.88, pinball: 0.0005 },
    ],
    nominalCoverage: 0.8,
    meanWidth: 0.01,
  },
  baseline: { name: 'persistence', mae: 0.0011, mape: 0.6 },
  baselines: [{ name: 'persistence', sentence: HOSTILE, mae: 0.0011, rmse: 0.002, mape: 0.6 }],
  dieboldMariano: { statistic: 2, p: 0.02 },
  intervals: { mae: { lower: 0.0009, upper: 0.0012 }, baselineMae: null, mase: null },
  changed: { points: 0, mae: null, baselineMae: null, direction: null },
  moves: { thresholdPercent: 1, happened: 0, foretold: 0, right: 0, precision: null, recall: null },
  mapeOfPools: { median: 0.5, p90: 0.5, max: 0.5 },
  verdict: 'better',
  sentence: HOSTILE,
  from: '2026-01-01T00:00:00Z',
  to: '2026-01-02T00:00:00Z',
  stepMinutes: 60,
  embargo: { trainedUntil: null, until: null, lifted: false, pointsBefore: 0 },
  leftOut: { pools: 0, unknownPrice: 0, noForecast: 0, unknownFeatures: [] },
  timeline: [{ at: 1, points: 100, mae: 0.001, baselineMae: 0.0011 }],
  notes: [HOSTILE],
};
const row: BacktestPoolRow = {
  pool: `eu-west-1/eu-west-1a/${HOSTILE}/Linux/UNIX`,
  points: 100,
  mae: 0.001,
  rmse: 0.002,
  mape: 0.5,
  bias: 0,
  baselineMae: 0.0011,
  baselineMape: 0.6,
  mase: null,
  changedPoints: 0,
  changedMae: null,
  changedBaselineMae: null,
};

describe('the page of a report', () => {
  const html = reportAsHtml(report, [row]);

  it('lets no name become a tag, wherever it stands', () => {
    expect(html).not.toContain('<script');
    // Title, heading, sentence, two tables, a chart's legend and line, a pool, a note.
    expect(html.split('&#60;script&#62;').length - 1).toBeGreaterThanOrEqual(9);
  });

  it('needs nothing from elsewhere, and may not', () => {
    expect(html).toContain(`default-src 'none'`);
    expect(html).not.toMatch(/src=|href=|url\(|@import/);
  });

  it('shows an unknown as unknown', () => {
    expect(html).toContain('unknown: too little time');
    expect(html).not.toContain('NaN');
  });
});

describe('the table of pools', () => {
  it('has a cell for every figure, and an empty one for what is unknown', () => {
    const { columns, rows } = readCsv(poolsAsCsv([{ ...row, pool: '=1+1' }]));
    expect(columns).toHaveLength(12);
    expect(rows[0]?.[0]).toBe(`'=1+1`);
    expect(rows[0]?.slice(-4)).toEqual(['', '0', '', '']);
  });
});
