import { expect, it } from 'vitest';
import type { Model } from '../../../../common/contracts/index.ts';
import { comparedFacts, comparedFeatures } from './compare-facts.ts';

const model = (features: readonly string[], horizonHours = 24) =>
  ({
    trainedUntilMs: 0,
    gapDays: 1.2,
    coveredShare: 1,
    format: 'onnx',
    operators: [],
    original: { bytes: 2048 },
    manifest: {
      features: features.map(name => ({ name })),
      golden: [],
      task: 'spot-price',
      target: 'log-return',
      horizonHours,
      resolutionMinutes: 60,
      scope: { regions: ['us-east-1'], instanceTypes: [], products: [] },
    },
  }) as unknown as Model;

it('names what one takes and the other does not', () => {
  expect(comparedFeatures(model(['x', 'y', 'z']), model(['z', 'w', 'y']))).toEqual({
    onlyA: ['x'],
    onlyB: ['w'],
    both: 2,
    isReordered: false,
  });
});

it('notices the same features in another order', () => {
  expect(comparedFeatures(model(['x', 'y']), model(['y', 'x'])).isReordered).toBe(true);
  expect(comparedFeatures(model(['x', 'y']), model(['x', 'y'])).isReordered).toBe(false);
});

it('marks the facts that differ', () => {
  const different = comparedFacts(model(['x']), model(['x'], 6)).filter(({ isSame }) => !isSame);
  expect(different).toEqual([{ name: 'Horizon', a: '24 h', b: '6 h', isSame: false }]);
});
