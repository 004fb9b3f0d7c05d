import type { z } from 'zod';
import { type ModelManifest, modelManifest, outputsProblem } from '../../common/contracts/index.ts';
import { AppError, type ErrorCode } from '../../common/errors.ts';
import { parseTime } from '../../common/units/index.ts';

/** The key of `metadata_props` under which a model carries its manifest. */
export const MANIFEST_KEY = 'cloudoptim_manifest';

/** What the registry asks of the feature catalog. */
export interface FeatureNames {
  known(name: string): boolean;
  nearMatches(name: string): string[];
  lookbackMs(names: readonly string[]): number;
}

/** What is wrong with a manifest: in which field, and a sentence without its full stop. */
export interface ManifestProblem {
  readonly field: string;
  readonly message: string;
  readonly code: ErrorCode;
  /** Of a name that the catalog does not have. */
  readonly feature?: { readonly name: string; readonly nearMatches: readonly string[] };
}

/** Unknown features that a message tells in full; its details name all. */
const MOST_TOLD = 5;

/** A manifest that can be used, or everything that is wrong with it. */
export type CheckedManifest =
  | { readonly manifest: ModelManifest }
  | { readonly problems: readonly [ManifestProblem, ...ManifestProblem[]] };

/**
 * The manifest of a model, checked.
 * @param text JSON, from inside the model or from beside it
 * @throws AppError `input.invalid` naming the first wrong value, or `model.unknown-feature` listing near matches
 */
export function readManifest(text: string, features: FeatureNames, nowMs: number): ModelManifest {
  const checked = checkManifest(parseManifest(text), features, nowMs);
  if ('manifest' in checked) return checked.manifest;
  throw manifestError(checked.problems);
}

/** The JSON of a manifest. @throws AppError `input.invalid` when it is none. */
export function parseManifest(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw manifestError([{ field: '', message: 'it is no JSON', code: 'input.invalid' }]);
  }
}

/** Checks every field, so that all that is wrong can be shown at once. */
export function checkManifest(value: unknown, features: FeatureNames, nowMs: number): CheckedManifest {
  const parsed = modelManifest.safeParse(value);
  const problems = parsed.success
    ? problemsOf(parsed.data, features, nowMs)
    : problemsOfShape(parsed.error, value);
  const [first, ...more] = problems;
  if (first) return { problems: [first, ...more] };
  if (parsed.success) return { manifest: parsed.data };
  throw new TypeError('a manifest that does not parse has no problem');
}

/** The error of problems: the first in its message; unknown features all together, each with what was perhaps meant. */
export function manifestError(problems: readonly [ManifestProblem, ...ManifestProblem[]]): AppError {
  const [{ message, code }] = problems;
  const unknown = problems.filter(problem => problem.feature !== undefined);
  const details =
    unknown.length === 0 ? undefined : { unknownFeatures: unknown.map(({ feature }) => feature) };
  if (code === 'model.unknown-feature') {
    const told = unknown.slice(0, MOST_TOLD).map(problem => `${problem.message}.`);
    if (unknown.length > MOST_TOLD) told.push(`${unknown.length - MOST_TOLD} more are unknown too.`);
    return new AppError(code, told.join(' '), { details });
  }
  return new AppError(code, `The manifest cannot be used: ${message}.`, {
    hint: 'The manifests in resources/models are examples; correct the named value and upload again.',
    details,
  });
}

/** `trainedUntil` of a checked manifest, in milliseconds. */
export function trainedUntilOf(manifest: ModelManifest): number {
  return parseTime(manifest.trainedUntil) ?? 0;
}

function problemsOf(manifest: ModelManifest, features: FeatureNames, nowMs: number): ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  const invalid = (field: string, message: string) =>
    problems.push({ field, message, code: 'input.invalid' });
  const trainedUntilMs = parseTime(manifest.trainedUntil);
  if (trainedUntilMs === undefined)
    invalid('trainedUntil', `trainedUntil is "${manifest.trainedUntil}", which is no ISO 8601 time`);
  else if (trainedUntilMs > nowMs)
    invalid('trainedUntil', `trainedUntil is ${manifest.trainedUntil}, which lies in the future`);
  for (const [index, { name }] of manifest.features.entries()) {
    if (features.known(name)) continue;
    const near = features.nearMatches(name);
    const meant =
      near.length === 0 ? 'nothing in the catalog looks like it' : `near matches: ${near.join(', ')}`;
    problems.push({
      field: `features.${index}`,
      message: `There is no feature "${name}"; ${meant}`,
      code: 'model.unknown-feature',
      feature: { name, nearMatches: near },
    });
  }
  const columns = manifest.features.length;
  for (const [index, { input }] of manifest.golden.entries()) {
    if (input.length === columns) continue;
    const count = `golden[${index}].input has ${input.length} values`;
    invalid('golden', `${count}, but there are ${columns} features`);
  }
  const wrongOutputs = outputsProblem(manifest);
  if (wrongOutputs !== undefined) invalid('outputs', wrongOutputs);
  if (manifest.task === 'spot-price' && manifest.target === 'probability')
    invalid(
      'target',
      'target is probability, but the task is spot-price; a price is predicted by price-usd-per-hour or log-return',
    );
  return problems;
}

function problemsOfShape(error: z.ZodError, value: unknown): ManifestProblem[] {
  return error.issues.map(issue => {
    const path = issue.path.map(String);
    const place = path.length === 0 ? 'it' : path.join('.');
    const found = path.reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
      value,
    );
    const problem = issue.message.replace(/^./, letter => letter.toLowerCase());
    const message = found === undefined ? `${place} is missing` : `${place}: ${problem}`;
    return { field: path.join('.'), message, code: 'input.invalid' };
  });
}
