import { type ModelDraft, type ModelManifest, outputsProblem } from '../../../../common/contracts/index.ts';
import { parseTime } from '../../../../common/units/index.ts';
import { type OutputValue, outputsOf, outputValues } from './output-values.ts';

/** What the form holds. Numbers are text while somebody types them. */
export interface ManifestValues {
  readonly name: string;
  readonly version: string;
  readonly task: ModelManifest['task'];
  /** `2026-10-20T00:00`, UTC, as a `datetime-local` field has it; empty when it is not said. */
  readonly trainedUntil: string;
  readonly target: ModelManifest['target'];
  readonly horizonHours: string;
  readonly resolutionMinutes: string;
  /** Name of the feature in each column, in order; empty where it is not said. */
  readonly features: readonly string[];
  /** What each value of a row is, in order; empty where there is one only, or the file leaves open how many. */
  readonly outputs: readonly OutputValue[];
  readonly regions: readonly string[];
  readonly instanceTypes: readonly string[];
  readonly products: readonly string[];
  readonly description: string;
  readonly trainedOn: string;
}

/** What stands against a field: `trainedUntil`, `features.3`, `scope.regions`; empty for the whole manifest. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

const DEFAULT_PRODUCTS: readonly string[] = ['Linux/UNIX'];

/** The form as a draft fills it: what the file says of itself, and its columns where they are known features. */
export function valuesOfDraft(draft: ModelDraft): ManifestValues {
  const { suggestion, columns } = draft;
  const text = (field: string) => (suggestion[field] === undefined ? '' : String(suggestion[field]));
  const scope = (suggestion.scope ?? {}) as Readonly<Record<string, readonly string[] | undefined>>;
  return {
    name: text('name'),
    version: text('version'),
    task: (suggestion.task as ModelManifest['task'] | undefined) ?? 'spot-price',
    trainedUntil: fieldTime(text('trainedUntil')),
    target: (suggestion.target as ModelManifest['target'] | undefined) ?? 'log-return',
    horizonHours: text('horizonHours'),
    resolutionMinutes: text('resolutionMinutes') || '60',
    features: columns.map(({ name }) => name),
    outputs: outputValues(draft),
    regions: scope.regions ?? [],
    instanceTypes: scope.instanceTypes ?? [],
    products: scope.products ?? DEFAULT_PRODUCTS,
    description: text('description'),
    trainedOn: text('trainedOn'),
  };
}

/** The manifest that the form says; what it has no field for (golden rows, reported error) stays as the file says it. */
export function manifestOf(
  values: ManifestValues,
  suggestion: ModelDraft['suggestion'],
): Record<string, unknown> {
  const { description, trainedOn, ...rest } = suggestion;
  return {
    ...rest,
    name: values.name.trim(),
    version: values.version.trim(),
    task: values.task,
    trainedUntil: values.trainedUntil === '' ? '' : `${values.trainedUntil}Z`,
    target: values.target,
    horizonHours: Number(values.horizonHours),
    resolutionMinutes: Number(values.resolutionMinutes),
    features: values.features.map(name => ({ name: name.trim() })),
    ...(values.outputs.length === 0 ? {} : { outputs: outputsOf(values.outputs) }),
    scope: {
      regions: values.regions,
      instanceTypes: values.instanceTypes,
      products: values.products.length === 0 ? DEFAULT_PRODUCTS : values.products,
    },
    ...(values.description.trim() === '' ? {} : { description: values.description.trim() }),
    ...(values.trainedOn.trim() === '' ? {} : { trainedOn: values.trainedOn.trim() }),
  };
}

/** What can be said against the form without asking the server. */
export function problemsOfValues(
  values: ManifestValues,
  nowMs: number,
  suggestion: ModelDraft['suggestion'] = {},
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const demand = (isGood: boolean, field: string, message: string) => {
    if (!isGood) problems.push({ field, message });
  };
  const trainedUntilMs = parseTime(`${values.trainedUntil}Z`);
  demand(values.name.trim() !== '', 'name', 'Give the model a name.');
  demand(values.version.trim() !== '', 'version', 'Give it a version, such as 1.0.0.');
  demand(trainedUntilMs !== undefined, 'trainedUntil', 'Say until when the prices of its training go.');
  demand((trainedUntilMs ?? 0) <= nowMs, 'trainedUntil', 'This lies in the future.');
  demand(Number(values.horizonHours) > 0, 'horizonHours', 'How many hours ahead does it predict?');
  demand(Number(values.horizonHours) <= 720, 'horizonHours', 'At most 720 hours (30 days).');
  demand(isWhole(values.resolutionMinutes), 'resolutionMinutes', 'Whole minutes, at least 1.');
  demand(values.regions.length > 0, 'scope.regions', 'Name at least one region.');
  for (const [index, name] of values.features.entries())
    demand(name.trim() !== '', `features.${index}`, 'Which feature does this column take?');
  for (const [index, { role, quantile }] of values.outputs.entries())
    demand(role !== 'quantile' || isLevel(quantile), `outputs.${index}`, 'A share between 0 and 1, as 0.9.');
  if (values.outputs.length > 0 && !problems.some(({ field }) => field.startsWith('outputs'))) {
    const { task, target } = values;
    const golden = (suggestion.golden ?? []) as ModelManifest['golden'];
    const wrong = outputsProblem({ outputs: outputsOf(values.outputs), task, target, golden });
    demand(wrong === undefined, 'outputs', `The ${wrong}.`);
  }
  return problems;
}

/**
 * What stands against what the file does say, its names of features among it; fields about which it says nothing are only
 * not filled yet.
 */
export function problemsOfSaid({ problems, columns }: ModelDraft): FieldProblem[] {
  const said = problems.filter(({ message }) => !message.endsWith(' is missing'));
  // The server looks at names only once the manifest is whole otherwise.
  const unknown = columns.flatMap(({ name, isKnown }, index) =>
    isKnown || name === '' || problemAt(said, `features.${index}`) !== undefined
      ? []
      : [{ field: `features.${index}`, message: `The catalog has no feature "${name}".` }],
  );
  return [...said, ...unknown];
}

/** The first sentence against a field. */
export function problemAt(problems: readonly FieldProblem[], field: string): string | undefined {
  return problems.find(problem => problem.field === field)?.message;
}

/** `2026-10-20T00:00` in UTC of ISO 8601 text; empty when it is no time. */
function fieldTime(text: string): string {
  const atMs = parseTime(text);
  return atMs === undefined ? '' : new Date(atMs).toISOString().slice(0, 16);
}

function isLevel(text: string): boolean {
  return Number(text) > 0 && Number(text) < 1;
}

function isWhole(text: string): boolean {
  return Number.isInteger(Number(text)) && Number(text) >= 1;
}
