import type { EngineInput, EngineManifest, EngineParameter } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';

type Value = EngineInput['parameters'][string];

/**
 * The values of all parameters of an engine: those that are given, else their defaults.
 * @throws AppError `input.invalid` for a name that it has not, or a value that its schema refuses
 */
export function parameterValues(
  { name, parameters: { properties } }: Pick<EngineManifest, 'name' | 'parameters'>,
  given: Readonly<Record<string, Value>>,
): Record<string, Value> {
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(properties, key)) continue;
    const known = Object.keys(properties).join(', ');
    throw new AppError('input.invalid', `Engine ${name} has no parameter "${key}".`, {
      hint: known === '' ? 'It has none.' : `It has: ${known}.`,
    });
  }
  return Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => {
      const value = Object.hasOwn(given, key) ? (given[key] as Value) : schema.default;
      const problem = parameterProblem(schema, value);
      if (problem !== undefined) {
        throw new AppError(
          'input.invalid',
          `Parameter "${key}" of engine ${name} is ${JSON.stringify(value)}; it must be ${problem}.`,
        );
      }
      return [key, value];
    }),
  );
}

/** What a value would have to be; `undefined` when it is right. Numbers are finite. */
export function parameterProblem(schema: EngineParameter, value: Value): string | undefined {
  if (schema.type === 'boolean') return typeof value === 'boolean' ? undefined : 'true or false';
  if (schema.type === 'string') {
    if (typeof value !== 'string') return 'a text';
    if (schema.enum && !schema.enum.includes(value)) return `one of ${schema.enum.join(', ')}`;
    const most = schema.maxLength ?? 200;
    return value.length > most ? `at most ${most} characters long` : undefined;
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'a number';
  if (schema.type === 'integer' && !Number.isSafeInteger(value)) return 'a whole number';
  if (schema.minimum !== undefined && value < schema.minimum) return `at least ${schema.minimum}`;
  if (schema.maximum !== undefined && value > schema.maximum) return `at most ${schema.maximum}`;
  return undefined;
}
