import { expect, it } from 'vitest';
import type { EngineParameter } from '../../../common/contracts/index.ts';
import { firstValues, valueProblem } from './parameter-values.ts';

const share: EngineParameter = { type: 'number', default: 30, minimum: 10, maximum: 90 };
const count: EngineParameter = { type: 'integer', default: 2 };

it('begins with what was chosen, else with the default', () => {
  expect(firstValues({ share, count }, { share: 50, gone: 1 })).toEqual({ share: 50, count: 2 });
});

it('says what stands against a number', () => {
  expect(valueProblem(share, 10)).toBeUndefined();
  expect(valueProblem(share, 9)).toBe('At least 10.');
  expect(valueProblem(share, 91)).toBe('At most 90.');
  expect(valueProblem(share, '')).toBe('Enter a number.');
  expect(valueProblem(count, 1.5)).toBe('Enter a whole number.');
});
