import { AppError } from '../../common/errors.ts';
import { type DecisionPolicy, defaultPolicy } from './policy.ts';

/**
 * A policy from JSON: what it does not name is as by default.
 * @param name how the text is called in messages
 * @throws AppError `input.invalid` naming the first value that cannot be meant
 */
export function readPolicy(text: string, name: string): DecisionPolicy {
  const value = parse(text, name);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${name} is no object of settings`);
  const known: Readonly<Record<string, unknown>> = { ...defaultPolicy };
  for (const [key, given] of Object.entries(value)) {
    const usual = known[key];
    if (usual === undefined) throw invalid(`${name}: there is no setting "${key}"`);
    if (typeof given !== typeof usual)
      throw invalid(`${name}: ${key} is ${JSON.stringify(given)}, not a ${typeof usual}`);
    const isShare = key.endsWith('Share');
    if (typeof given === 'number' && !(given >= 0 && (!isShare || given <= 1)))
      throw invalid(`${name}: ${key} is ${given}; it must be ${isShare ? 'from 0 to 1' : '0 or more'}`);
  }
  return { ...defaultPolicy, ...(value as Partial<DecisionPolicy>) };
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw invalid(`${name} is no JSON`, cause);
  }
}

function invalid(what: string, cause?: unknown): AppError {
  return new AppError('input.invalid', `${what}.`, {
    cause,
    hint: `Settings are ${Object.keys(defaultPolicy).join(', ')}.`,
  });
}
