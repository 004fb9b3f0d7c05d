import { expect, it } from 'vitest';
import { TransferRate } from './transfer-rate.ts';

it('says nothing before it has seen enough', () => {
  const rate = new TransferRate();
  expect(rate.report(0, 0, 1_000)).toBeUndefined();
  expect(rate.report(500, 100, 1_000)).toBeUndefined();
});

it('tells bytes per second and the time left', () => {
  const rate = new TransferRate();
  rate.report(0, 0, 1_000);
  expect(rate.report(2_000, 200, 1_000)).toEqual({ bytesPerSecond: 100, etaMs: 8_000 });
});

it('follows the last seconds, not the whole transfer', () => {
  const rate = new TransferRate();
  rate.report(0, 0, 100_000);
  rate.report(1_000, 10_000, 100_000);
  for (let second = 2; second <= 20; second++) rate.report(second * 1_000, 10_000 + second * 10, 100_000);
  expect(rate.report(21_000, 10_210, 100_000)?.bytesPerSecond).toBeCloseTo(10);
});

it('knows no time left while nothing moves', () => {
  const rate = new TransferRate();
  for (let second = 0; second < 10; second++) rate.report(second * 1_000, 500, 1_000);
  expect(rate.report(10_000, 500, 1_000)).toBeUndefined();
});
