import { expect, it } from 'vitest';
import { createLog } from '../log.ts';
import { Metrics } from './metrics.ts';

it('leaves out what cannot be read, counts that, and answers the rest', async () => {
  const metrics = new Metrics('1.0.0', createLog('silent'));
  let fails = false;
  metrics.source('audit', ['auditEntries'], () => {
    if (fails) throw new Error('the database is away');
    metrics.of.auditEntries.set(7);
  });
  metrics.source('decisions', ['plans'], () => metrics.of.plans.set({ state: 'failed' }, 2));
  expect(await metrics.text()).toMatch(/^cloudoptim_audit_entries 7$/m);
  fails = true;
  const text = await metrics.text();
  expect(text).not.toMatch(/^cloudoptim_audit_entries \d/m);
  expect(text).toMatch(/^cloudoptim_plans\{state="failed"\} 2$/m);
  // Counted while it was answered, so it is told with the next one.
  expect(await metrics.text()).toMatch(/^cloudoptim_scrape_failures_total\{source="audit"\} [12]$/m);
});

it('empties a gauge of labels that are gone', async () => {
  const metrics = new Metrics('1.0.0', createLog('silent'));
  let topics = ['a', 'b'];
  metrics.source('live', ['liveSubscriptions'], () => {
    for (const topic of topics) metrics.of.liveSubscriptions.set({ topic }, 1);
  });
  expect(await metrics.text()).toContain('topic="b"');
  topics = ['a'];
  expect(await metrics.text()).not.toContain('topic="b"');
});

it('raises a counter to what somebody else counts', async () => {
  const metrics = new Metrics('1.0.0', createLog('silent'));
  for (const total of [3, 3, 10]) metrics.raise('priceRequests', total);
  expect(await metrics.text()).toMatch(/^cloudoptim_ec2_price_requests_total 10$/m);
});
