import { expect, it } from 'vitest';
import type { Experiment } from '../../../common/contracts/index.ts';
import { outcomeWords } from './outcome-words.ts';

const experiment = (fields: Partial<Experiment>) =>
  ({ outcome: 'running', endedBy: null, endReason: null, ...fields }) as Experiment;

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
