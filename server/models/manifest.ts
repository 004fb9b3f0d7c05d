import type { z } from 'zod';
import { type ModelManifest, modelManifest } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { parseTime } from '../../common/units/index.ts';

/** The key of `metadata_props` under which a model carries its manifest. */
export const MANIFEST_KEY = 'cloudoptim_manifest';

/** What the registry asks of the feature catalog. */
export interface FeatureNames {
  known(name: string): boolean;
  nearMatches(name: string): string[];
  lookbackMs(names: readonly string[]): number;
}

/**
 * The manifest of a model, checked.
 * @param text JSON, from inside the model or from beside it
 * @throws AppError `input.invalid` naming the first wrong value, or `model.unknown-feature` listing near matches
 */
export function readManifest(text: string, features: FeatureNames, nowMs: number): ModelManifest {
  const parsed = modelManifest.safeParse(parseJson(text));
  if (!parsed.success) throw invalid(sentenceOf(parsed.error, parseJson(text)));
  const manifest = parsed.data;
  const trainedUntilMs = parseTime(manifest.trainedUntil);
  if (trainedUntilMs === undefined) {
    throw invalid(`trainedUntil is "${manifest.trainedUntil}", which is no ISO 8601 time`);
  }
  if (trainedUntilMs > nowMs) {
    throw invalid(`trainedUntil is ${manifest.trainedUntil}, which lies in the future`);
  }
  for (const { name } of manifest.features) {
    if (!features.known(name)) throw unknownFeature(name, features.nearMatches(name));
  }
  for (const [index, { input }] of manifest.golden.entries()) {
    if (input.length === manifest.features.length) continue;
    throw invalid(
      `golden[${index}].input has ${input.length} values, but there are ${manifest.features.length} features`,
    );
  }
  return manifest;
}

/** `trainedUntil` of a checked manifest, in milliseconds. */
export function trainedUntilOf(manifest: ModelManifest): number {
  return parseTime(manifest.trainedUntil) ?? 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid('it is no JSON');
  }
}

function unknownFeature(name: string, near: readonly string[]): AppError {
  const meant =
    near.length === 0 ? 'nothing in the catalog looks like it' : `near matches: ${near.join(', ')}`;
  return new AppError('model.unknown-feature', `There is no feature "${name}"; ${meant}.`, {
    details: { feature: name, nearMatches: near },
  });
}

function sentenceOf(error: z.ZodError, value: unknown): string {
  const issue = error.issues[0];
  const path = issue?.path.map(String) ?? [];
  const place = path.length === 0 ? 'it' : path.join('.');
  const found = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
  const problem = (issue?.message ?? 'not valid').replace(/^./, letter => letter.toLowerCase());
  return found === undefined ? `${place} is missing` : `${place}: ${problem}`;
}

function invalid(what: string): AppError {
  return new AppError('input.invalid', `The manifest cannot be used: ${what}.`, {
    hint: 'The manifests in resources/models are examples; correct the named value and upload again.',
  });
}
