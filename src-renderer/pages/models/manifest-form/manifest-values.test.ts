import { expect, it } from 'vitest';
import { type ModelDraft, modelManifest } from '../../../../common/contracts/index.ts';
import { manifestOf, problemAt, problemsOfSaid, problemsOfValues, valuesOfDraft } from './manifest-values.ts';

const NOW = Date.parse('2026-11-25T00:00:00Z');
const draft = (
  suggestion: Record<string, unknown>,
  columns: readonly string[] = ['return_24h'],
  answers: readonly string[] = ['variable'],
) =>
  ({
    suggestion,
    answers,
    columns: columns.map(name => ({ name, isKnown: true, nearMatches: [] })),
  }) as unknown as ModelDraft;
const COMPLETE = {
  name: 'Ridge',
  version: '1.0.0',
  task: 'spot-price',
  trainedUntil: '2026-10-20T02:00:00+02:00',
  target: 'log-return',
  horizonHours: 24,
  scope: { regions: ['us-east-1'] },
  golden: [{ input: [0], output: [0] }],
};

it('turns what a file says into a manifest that the contract takes, with its golden rows', () => {
  const given = draft(COMPLETE);
  const values = valuesOfDraft(given);
  expect(problemsOfValues(values, NOW)).toEqual([]);
  const manifest = modelManifest.parse(manifestOf(values, given.suggestion));
  expect(manifest).toMatchObject({
    trainedUntil: '2026-10-20T00:00Z',
    features: [{ name: 'return_24h' }],
    scope: { regions: ['us-east-1'], instanceTypes: [], products: ['Linux/UNIX'] },
    golden: COMPLETE.golden,
  });
});

it('names every field that is still missing', () => {
  const problems = problemsOfValues(valuesOfDraft(draft({ name: 'x', horizonHours: 24 }, ['a', ''])), NOW);
  expect(problems.map(({ field }) => field)).toEqual([
    'version',
    'trainedUntil',
    'scope.regions',
    'features.1',
  ]);
});

it('refuses a training that ends in the future, and a horizon beyond a month', () => {
  const problems = problemsOfValues(
    valuesOfDraft(draft({ ...COMPLETE, trainedUntil: '2027-01-01T00:00:00Z', horizonHours: 721 })),
    NOW,
  );
  expect(problemAt(problems, 'trainedUntil')).toContain('future');
  expect(problemAt(problems, 'horizonHours')).toContain('720');
});

it('holds unknown names against the file, once each, but not what it does not say', () => {
  const given = {
    ...draft({}, ['known', 'temp', '', 'load']),
    columns: ['known', 'temp', '', 'load'].map(name => ({
      name,
      isKnown: name === 'known',
      nearMatches: [],
    })),
    problems: [
      { field: 'trainedUntil', message: 'trainedUntil is missing' },
      { field: 'features.3', message: 'There is no feature "load"' },
    ],
  };
  expect(problemsOfSaid(given)).toEqual([
    { field: 'features.3', message: 'There is no feature "load"' },
    { field: 'features.1', message: 'The catalog has no feature "temp".' },
  ]);
});

it('leaves out a description that was emptied', () => {
  const given = draft({ ...COMPLETE, description: 'old' });
  const values = { ...valuesOfDraft(given), description: ' ' };
  expect(manifestOf(values, given.suggestion)).not.toHaveProperty('description');
});

it('takes what each output is from the file, else the first one as the answer', () => {
  const outputs = [
    { name: 'p10', quantile: 0.1 },
    { name: 'p50', quantile: 0.5 },
    { name: 'rest', unused: true },
  ];
  const said = draft({ ...COMPLETE, outputs, golden: [] }, ['return_24h'], ['p10', 'p50', 'rest']);
  expect(valuesOfDraft(said).outputs.map(({ role, quantile }) => [role, quantile])).toEqual([
    ['quantile', '0.1'],
    ['quantile', '0.5'],
    ['unused', ''],
  ]);
  expect(modelManifest.parse(manifestOf(valuesOfDraft(said), said.suggestion)).outputs).toEqual(outputs);

  const silent = draft({ ...COMPLETE, golden: [] }, ['return_24h'], ['a', 'b']);
  const values = valuesOfDraft(silent);
  expect(manifestOf(values, silent.suggestion)).toMatchObject({
    outputs: [{ name: 'a' }, { name: 'b', unused: true }],
  });
  expect(problemsOfValues(values, NOW)).toEqual([]);
  // Golden rows of the first output alone, or a single output: nothing is asked, nothing is said.
  expect(valuesOfDraft(draft(COMPLETE, ['return_24h'], ['a', 'b'])).outputs).toEqual([]);
  expect(manifestOf(valuesOfDraft(draft(COMPLETE)), COMPLETE)).not.toHaveProperty('outputs');
});

it('finds in outputs what the server would refuse', () => {
  const values = valuesOfDraft(draft({ ...COMPLETE, golden: [] }, ['return_24h'], ['a', 'b']));
  const [a, b] = values.outputs;
  if (!a || !b) throw new Error('two outputs');
  const problems = (outputs: (typeof values)['outputs'], change: Partial<typeof values> = {}) =>
    problemsOfValues({ ...values, ...change, outputs }, NOW);
  expect(problems([a, { ...b, role: 'answer' }])[0]?.message).toContain('2 answers');
  expect(problems([a, { ...b, role: 'quantile', quantile: '9' }])).toEqual([
    { field: 'outputs.1', message: 'A share between 0 and 1, as 0.9.' },
  ]);
  const parts = [
    { ...a, role: 'change-probability' as const },
    { ...b, role: 'change-size' as const },
  ];
  expect(problems(parts)).toEqual([]);
  expect(problems(parts, { target: 'price-usd-per-hour' })[0]?.message).toContain('log-return');
  const asked = { task: 'interruption', target: 'probability' } as const;
  expect(problems([a, { ...b, role: 'quantile', quantile: '0.9' }], asked)[0]?.message).toContain(
    'a probability has none',
  );
});
