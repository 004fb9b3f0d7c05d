import { expect, it } from 'vitest';
import type { Plan, SavingsSummary } from '../../common/contracts/index.ts';
import { trayText } from './tray-text.ts';

const savings = (unknownPlans: number) =>
  ({
    realizedThisMonthMicroUsd: 12_340_000,
    realizedMicroUsdPerHour: 41_600,
    unknownPlans,
  }) as SavingsSummary;
const plans = (count: number) => Array.from({ length: count }, () => ({}) as Plan);

it('says what waits and what is saved', () => {
  expect(trayText({ waiting: plans(1), savings: savings(0) }, { state: 'ready' })).toEqual({
    waiting: '1 plan waits for approval',
    savings: 'Saved this month: $12.34 ($0.0416/h now)',
    engine: undefined,
  });
  expect(trayText({ waiting: plans(3), savings: savings(1) }, { state: 'ready' })).toMatchObject({
    waiting: '3 plans wait for approval',
    savings: 'Saved this month: $12.34 (at least $0.0416/h now)',
  });
});

it('shows nothing known as unknown, never as zero', () => {
  expect(trayText(undefined, { state: 'starting' })).toEqual({
    waiting: 'Waiting plans: unknown',
    savings: 'Savings: unknown',
    engine: 'The engine starts',
  });
  expect(trayText({ waiting: [], savings: undefined }, { state: 'failed', reason: 'x' })).toEqual({
    waiting: 'Nothing waits for approval',
    savings: 'Savings: unknown',
    engine: 'The engine does not run',
  });
});
