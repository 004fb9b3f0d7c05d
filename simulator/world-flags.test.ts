import { expect, it } from 'vitest';
import { readWorldFlags, WrongFlag } from './world-flags.ts';

it('takes a scenario by name, the small shop where none is named, and says in one sentence what is wrong', () => {
  expect(readWorldFlags([]).scenario.name).toBe('small-shop');
  expect(readWorldFlags(['--scenario', 'gpu-batch']).scenario.name).toBe('gpu-batch');
  const wrong = () => readWorldFlags(['--scenario', 'no-such.yaml']);
  expect(wrong).toThrow(WrongFlag);
  expect(wrong).toThrow(
    '--scenario no-such.yaml cannot be used: there is no such file, and the names of those that are shipped are gpu-batch, hostile, platform, small-shop.',
  );
});
