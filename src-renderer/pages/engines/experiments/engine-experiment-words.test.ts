import { expect, it } from 'vitest';
import type { EngineExperiment, EngineExperimentResult } from '../../../../common/contracts/index.ts';
import { engineModeWords, engineOutlook, enginePair, runsLeftWords } from './engine-experiment-words.ts';

const rule = { experimentId: 'x', mode: 'shadow', unit: 'cluster', challengerShare: 0, salt: 's' } as const;
const experiment = (change: Partial<EngineExperiment> = {}) =>
  ({ championName: 'spot', challengerName: 'new 1.0.0', rule, endedAt: null, ...change }) as EngineExperiment;
const result = (change: Partial<EngineExperimentResult>) =>
  ({ compared: 5, ...change }) as EngineExperimentResult;

it('names the pair and what the challenger does', () => {
  expect(enginePair(experiment())).toBe('new 1.0.0 against spot');
  expect(engineModeWords(experiment())).toMatch(/plans nothing$/);
  expect(engineModeWords({ rule: { ...rule, mode: 'ab', challengerShare: 0.25 } })).toBe(
    'planning for 25 % of the clusters',
  );
});

it('says what to do once it is decided, and nothing that is not known', () => {
  expect(engineOutlook(experiment(), undefined)).toMatch(/next run of a cluster that uses spot/);
  expect(engineOutlook(experiment(), result({ verdict: 'challenger-better' }))).toMatch(/can be promoted/);
  expect(engineOutlook(experiment({ endedAt: 1 }), result({ verdict: 'challenger-better' }))).toBe('');
  expect(runsLeftWords(result({ verdict: 'undecided', runsLeft: 12 }))).toBe('about 12 more runs to go');
  expect(runsLeftWords(result({ verdict: 'too-few', runsLeft: null }))).toMatch(/unknown/);
  expect(runsLeftWords(result({ verdict: 'unknown', runsLeft: null }))).toBe('an A/B is not judged');
});
