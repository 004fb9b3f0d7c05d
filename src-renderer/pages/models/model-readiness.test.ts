import { expect, it } from 'vitest';
import type { Experiment, Model } from '../../../common/contracts/index.ts';
import { whyNotChallenger, whyNotServing } from './model-readiness.ts';

const model = (state: Model['state'], aliases: Model['aliases'] = [], reasons: string[] = []) =>
  ({ state, aliases, reasons, manifest: { task: 'spot-price' } }) as unknown as Model;
const champion = model('active', ['champion']);
const experiment = (endedAt: number | null) => ({ task: 'spot-price', endedAt }) as Experiment;

it('lets serve what is ready or has served before', () => {
  expect(whyNotServing(model('ready'))).toBeUndefined();
  expect(whyNotServing(model('retired'))).toBeUndefined();
  expect(whyNotServing(model('gap-open'))).toContain('Fill its gap');
  expect(whyNotServing(model('faulty', [], ['It crashed.']))).toBe('It crashed.');
});

it('needs a champion beside the challenger, and no experiment that runs', () => {
  const ready = model('ready');
  expect(whyNotChallenger(ready, [ready, champion], [experiment(5)])).toBeUndefined();
  expect(whyNotChallenger(ready, [ready], [])).toContain('no champion');
  expect(whyNotChallenger(champion, [champion], [])).toContain('is the champion');
  expect(whyNotChallenger(ready, [ready, champion], [experiment(null)])).toContain('runs already');
  expect(whyNotChallenger(model('gap-open'), [champion], [])).toContain('Fill its gap');
});
