import { expect, it } from 'vitest';
import type { Experiment, ForecastSummary, Model } from '../../../common/contracts/index.ts';
import { modelsFigures, modelsSentence } from './models-summary.ts';

const model = (id: string, fields: Partial<Model> = {}) =>
  ({
    id,
    sha256: 'same',
    bytes: 1024,
    original: { sha256: 'same', bytes: 1024 },
    state: 'ready',
    aliases: [],
    gapDays: 0,
    manifest: { name: 'Spot', version: id },
    ...fields,
  }) as unknown as Model;
const running = { id: 'e', endedAt: null, challengerId: 'b', rule: { mode: 'shadow' } } as Experiment;
const none = { models: [], experiments: [], summaries: new Map() };
const figure = (label: string, known: Parameters<typeof modelsFigures>[0]) =>
  modelsFigures(known).find(each => each.label === label);

it('says who serves, which gaps are open, and whether an experiment runs', () => {
  expect(modelsSentence(none)).toContain('No model');
  const models = [model('a', { aliases: ['champion'] }), model('b', { state: 'gap-open' })];
  expect(modelsSentence({ ...none, models })).toBe('Spot a is the active model; 1 version with an open gap.');
  expect(modelsSentence({ ...none, models: [model('b')], experiments: [running] })).toBe(
    'No model is active, so the last price stands for the future; no gap is open; an experiment runs.',
  );
});

it('counts a file of several versions once', () => {
  expect(figure('Versions', { ...none, models: [model('a'), model('b')] })).toMatchObject({
    value: '2',
    below: 'of 1 model, 1 KiB in 1 file',
  });
});

it('names the champion with its error, the longest gap and the challenger', () => {
  const summary = { evaluation: { mase: 0.9, verdict: 'better', sentence: '' } } as ForecastSummary;
  const known = {
    models: [
      model('a', { aliases: ['champion'] }),
      model('b', { state: 'gap-open', gapDays: 3.2 }),
      model('c', { state: 'gap-open', gapDays: 36.4 }),
    ],
    experiments: [running],
    summaries: new Map([['a', summary]]),
  };
  expect(figure('Champion', known)).toMatchObject({
    value: 'Spot a',
    below: 'error −10 % against persistence',
  });
  expect(figure('Open gaps', known)).toMatchObject({ value: '2', below: 'the longest is 36 days' });
  expect(figure('Experiment', known)).toMatchObject({
    value: 'In shadow',
    below: 'Spot b is the challenger',
  });
});
