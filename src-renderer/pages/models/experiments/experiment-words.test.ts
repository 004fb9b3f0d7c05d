import { expect, it } from 'vitest';
import type { Experiment, ExperimentResult } from '../../../../common/contracts/index.ts';
import { modeWords, outcomeWords, outlookWords } from './experiment-words.ts';

const experiment = (fields: Partial<Experiment>) =>
  ({ outcome: 'running', endedBy: null, endReason: null, ...fields }) as Experiment;
const result = (fields: Partial<ExperimentResult>) => fields as ExperimentResult;

it('says how an experiment ended, by whom and why', () => {
  expect(
    outcomeWords(experiment({ outcome: 'stopped', endedBy: 'Ada (token_1)', endReason: 'too slow' })),
  ).toBe('It was stopped by Ada. too slow.');
  expect(outcomeWords(experiment({ outcome: 'guardrail', endReason: 'It failed 3 times.' }))).toBe(
    'A guardrail ended it. It failed 3 times.',
  );
  expect(outcomeWords(experiment({ outcome: 'promoted', endedBy: 'engine' }))).toBe(
    'The challenger was made champion by the engine.',
  );
});

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
