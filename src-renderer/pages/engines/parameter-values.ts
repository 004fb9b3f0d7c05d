import type { EngineChoice, EngineParameter } from '../../../common/contracts/index.ts';

export type ParameterValues = EngineChoice['parameters'];
type Properties = Readonly<Record<string, EngineParameter>>;

/** What a form begins with: what was chosen, else the default. */
export function firstValues(properties: Properties, chosen: ParameterValues): ParameterValues {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, chosen[name] ?? schema.default]),
  );
}

/** What stands against a value, in the words of the form; the server has the last word. */
export function valueProblem(
  schema: EngineParameter,
  value: ParameterValues[string] | undefined,
): string | undefined {
  if (schema.type === 'boolean' || schema.type === 'string') return undefined;
  // An emptied field of numbers gives a text.
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'Enter a number.';
  if (schema.type === 'integer' && !Number.isInteger(value)) return 'Enter a whole number.';
  if (schema.minimum !== undefined && value < schema.minimum) return `At least ${schema.minimum}.`;
  if (schema.maximum !== undefined && value > schema.maximum) return `At most ${schema.maximum}.`;
  return undefined;
}
