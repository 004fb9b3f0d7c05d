import {
  type ModelManifest,
  type ModelOutput,
  modelManifest,
  modelTargets,
  modelTasks,
} from '../../common/contracts/index.ts';
import type { MetadataValue } from './python/find-models.ts';
import { trainedUntilIn } from './trained-until.ts';

/** What a file says of itself outside of a manifest. */
export interface SelfDescription {
  readonly fileName: string;
  /** Names of the columns in order; empty where the file has none. */
  readonly columns: readonly string[];
  /** What its values are, where more than one is put out and their names tell; else empty. */
  readonly outputs: readonly ModelOutput[];
  /** Plain values that lie beside the model in a file of Python, by key. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

type Draft = Record<string, unknown>;

/** Spellings under which people keep these beside a model. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  name: ['name', 'model_name'],
  version: ['version', 'model_version'],
  task: ['task'],
  target: ['target'],
  horizonHours: ['horizonHours', 'horizon_hours'],
  resolutionMinutes: ['resolutionMinutes', 'resolution_minutes'],
  description: ['description'],
  trainedOn: ['trainedOn', 'trained_on'],
  golden: ['golden'],
  outputs: ['outputs'],
};
const SCOPE_SPELLINGS = {
  regions: ['regions', 'region'],
  instanceTypes: ['instanceTypes', 'instance_types', 'instance_type'],
  products: ['products', 'product'],
} as const;

/**
 * What a file says of itself as a manifest that may still lack fields: nothing is guessed, and a value that cannot be meant
 * is left out. A dict with all fields of a manifest comes out as that manifest.
 */
export function draftManifest({ columns, outputs, metadata }: SelfDescription): Draft {
  const nested = metadata.manifest;
  const said = isRecord(nested) ? nested : metadata;
  const draft: Draft = {};
  for (const [field, names] of Object.entries(SPELLINGS)) {
    const value = firstOf(said, names);
    if (value !== undefined && isMeant(field, value)) draft[field] = spelled(field, value);
  }
  const trainedUntil = trainedUntilIn(said as Readonly<Record<string, MetadataValue>>);
  if (trainedUntil !== undefined) draft.trainedUntil = trainedUntil;
  const features = said.features;
  const named = Array.isArray(features) && features.every(isRecord) ? features : undefined;
  if (named) draft.features = named;
  else if (columns.length > 0) draft.features = columns.map(name => ({ name }));
  const golden = draft.golden as ModelManifest['golden'] | undefined;
  const isGoldenOfAll = golden?.every(({ output }) => output.length === outputs.length) ?? true;
  if (draft.outputs === undefined && outputs.length > 0 && isGoldenOfAll) draft.outputs = outputs;
  const scope = isRecord(said.scope) ? said.scope : said;
  const found = Object.entries(SCOPE_SPELLINGS).flatMap(([field, names]) => {
    const value = textsOf(firstOf(scope, names));
    return value === undefined ? [] : [[field, value] as const];
  });
  if (found.length > 0) draft.scope = Object.fromEntries(found);
  return draft;
}

/** What the form shows where a file says nothing: a name from the file's, the first free version, the usual horizon. */
export function withSuggestions(
  draft: Draft,
  { fileName }: SelfDescription,
  taken: readonly string[],
): Draft {
  const name = typeof draft.name === 'string' ? draft.name : nameOf(fileName);
  return {
    version: firstFreeVersion(taken),
    task: 'spot-price',
    target: 'log-return',
    horizonHours: 24,
    ...draft,
    name,
  };
}

function nameOf(fileName: string): string {
  const stem = fileName.replace(/(\.(onnx|pkl|pickle|joblib|gz|json|ubj|txt|z))+$/i, '');
  const words = stem.replace(/[_\s]+/g, ' ').trim();
  return words === '' ? 'Model' : words.slice(0, 80);
}

function firstFreeVersion(taken: readonly string[]): string {
  for (let minor = 0; ; minor++) if (!taken.includes(`1.${minor}.0`)) return `1.${minor}.0`;
}

function firstOf(values: Readonly<Record<string, unknown>>, names: readonly string[]): unknown {
  const key = names.find(name => values[name] !== undefined && values[name] !== null);
  return key === undefined ? undefined : values[key];
}

function isMeant(field: string, value: unknown): boolean {
  if (field === 'task') return modelTasks.some(task => task === value);
  if (field === 'target') return modelTargets.some(target => target === value);
  if (field === 'version') return typeof value === 'string' || typeof value === 'number';
  if (field === 'golden' || field === 'outputs') return modelManifest.shape[field].safeParse(value).success;
  return modelManifest.shape[field as 'name'].safeParse(value).success;
}

function spelled(field: string, value: unknown): unknown {
  return field === 'version' ? String(value) : value;
}

function textsOf(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
