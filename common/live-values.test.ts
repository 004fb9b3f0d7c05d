import { expect, it } from 'vitest';
import { afterDelta, fromSnapshot, valuesUnder } from './live-values.ts';

const held = fromSnapshot({
  topic: 'decisions',
  epoch: 'e1',
  seq: 4,
  values: [
    { key: 'plan/a', value: 1 },
    { key: 'run/x', value: 2 },
  ],
});
const delta = {
  topic: 'decisions',
  epoch: 'e1',
  afterSeq: 4,
  seq: 6,
  changes: [{ key: 'plan/b', value: 3 }],
};

it('sets and removes keys in order', () => {
  const next = afterDelta(held, { ...delta, changes: [...delta.changes, { key: 'plan/a', value: null }] });
  expect([...(next?.values ?? [])]).toEqual([
    ['run/x', 2],
    ['plan/b', 3],
  ]);
  expect(next?.seq).toBe(6);
});

it('leaves the held values untouched', () => {
  afterDelta(held, delta);
  expect(held.values.size).toBe(2);
});

it('refuses a delta after a gap', () => {
  expect(afterDelta(held, { ...delta, afterSeq: 5 })).toBeUndefined();
});

it('refuses a delta of another start of the server', () => {
  expect(afterDelta(held, { ...delta, epoch: 'e2' })).toBeUndefined();
});

it('ignores a delta that it holds already', () => {
  expect(afterDelta(held, { ...delta, afterSeq: 2, seq: 4 })).toBe(held);
});

it('finds the values of one kind', () => {
  expect(valuesUnder(held.values, 'plan/')).toEqual([1]);
});
