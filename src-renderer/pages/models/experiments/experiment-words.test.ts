import { expect, it } from 'vitest';
import type { ExperimentResult } from '../../../../common/contracts/index.ts';
import { modeWords, outlookWords } from './experiment-words.ts';

const result = (fields: Partial<ExperimentResult>) => fields as ExperimentResult;

it('says whom the challenger serves', () => {
  const rule = { experimentId: 'e', salt: 's', challengerShare: 0.2, unit: 'cluster' as const };
  expect(modeWords({ rule: { ...rule, mode: 'ab' } })).toBe('serving 20 % of the clusters');
  expect(modeWords({ rule: { ...rule, mode: 'ab', unit: 'workload' } })).toContain('workloads of each');
  expect(modeWords({ rule: { ...rule, mode: 'shadow' } })).toContain('no cluster');
});

it('says how much longer it takes, and never guesses', () => {
  expect(outlookWords(undefined, 24)).toContain('1 d after the start');
  expect(outlookWords(result({ verdict: 'undecided', etaMs: null }), 24)).toContain('unknown');
  expect(outlookWords(result({ verdict: 'undecided', etaMs: 7_200_000 }), 24)).toContain('in about 2 h');
  expect(outlookWords(result({ verdict: 'challenger-better', etaMs: null }), 24)).toContain('promoted');
});
