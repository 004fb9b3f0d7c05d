import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Plan } from '../../common/contracts/index.ts';
import { type Alert, WaitingAlerts } from './waiting-alerts.ts';

const plan = (id: string, clusterName = 'shop') =>
  ({ id, clusterName, title: `Replace ${id}`, cost: { savingMicroUsdPerHour: 100_000 } }) as Plan;

let shown: Alert[];
let alerts: WaitingAlerts;
beforeEach(() => {
  vi.useFakeTimers();
  shown = [];
  alerts = new WaitingAlerts(alert => shown.push(alert));
});
afterEach(() => vi.useRealTimers());

it('tells one plan by its name, and leads to it', () => {
  alerts.hear([plan('plan-1')]);
  vi.advanceTimersByTime(2_000);
  expect(shown).toEqual([
    {
      title: 'A plan waits for your approval',
      body: 'Replace plan-1, shop: saves $73/month',
      path: '/decisions/plan-1',
    },
  ]);
});

it('tells plans of one run together, each once', () => {
  alerts.hear([plan('plan-1')]);
  vi.advanceTimersByTime(500);
  alerts.hear([plan('plan-1'), plan('plan-2', 'lab')]);
  vi.advanceTimersByTime(10_000);
  alerts.hear([plan('plan-1'), plan('plan-2', 'lab')]);
  vi.advanceTimersByTime(10_000);
  expect(shown).toEqual([
    {
      title: '2 plans wait for your approval',
      body: 'shop, lab: together $146/month',
      path: '/decisions?state=waiting',
    },
  ]);
});

it('says nothing of a plan that was decided meanwhile', () => {
  alerts.hear([plan('plan-1')]);
  alerts.hear([]);
  vi.advanceTimersByTime(2_000);
  expect(shown).toEqual([]);
});
