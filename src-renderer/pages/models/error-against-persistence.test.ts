import { expect, it } from 'vitest';
import type { Evaluation, ForecastSummary } from '../../../common/contracts/index.ts';
import { errorAgainstPersistence } from './error-against-persistence.ts';

const summary = (evaluation: Partial<Evaluation> | null, more: Partial<ForecastSummary> = {}) =>
  ({ state: 'ready', message: null, evaluation, ...more }) as ForecastSummary;

it('is signed, and negative where the model errs less', () => {
  expect(errorAgainstPersistence(summary({ mase: 0.876, verdict: 'better', sentence: 'S.' }))).toMatchObject({
    text: '−12.4 %',
    isBetter: true,
    sentence: 'S.',
  });
});

it('says so in words where the model is not better', () => {
  expect(errorAgainstPersistence(summary({ mase: 1.031, verdict: 'no-better' }))).toMatchObject({
    text: '+3.1 %, no better',
    isBetter: false,
  });
  expect(errorAgainstPersistence(summary({ mase: 0.99, verdict: 'no-better' }))).toMatchObject({
    text: '−1 %, no better',
  });
});

it('is unknown with the reason, never zero', () => {
  const reasonOf = (each: ForecastSummary | undefined) => {
    const error = errorAgainstPersistence(each);
    return error.kind === 'unknown' ? error.reason : error.text;
  };
  expect(reasonOf(undefined)).toContain('not been measured yet');
  expect(reasonOf(summary(null, { state: 'running' }))).toContain('being measured now');
  expect(reasonOf(summary(null, { state: 'failed', message: 'No prices.' }))).toBe('No prices.');
  expect(reasonOf(summary({ mase: null, verdict: 'no-better', sentence: 'S.' }))).toContain('made no error');
  expect(reasonOf(summary({ mase: 0.5, verdict: 'too-few-points', sentence: 'Only 3.' }))).toBe('Only 3.');
});
