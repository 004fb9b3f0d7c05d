import { closeSync, fstatSync, openSync } from 'node:fs';
import { AppError } from '../../common/errors.ts';
import type { ConvertedDescription } from './inference-messages.ts';
import { MANIFEST_KEY } from './manifest.ts';
import type { OnnxFacts, OnnxValue } from './onnx-facts.ts';
import { readOnnxFile } from './onnx-file.ts';
import { DamagedFile, ProtoReader } from './proto-reader.ts';
import { rewriteFile } from './rewrite-file.ts';
import { zipMapEdits } from './zip-map-edits.ts';

const MOST_COLUMNS = 100_000;
const TEXT = 8;

/**
 * Writes an ONNX file as it can be run here: the same file, except that lists of maps become tensors (`zipMapEdits`).
 * @returns what it takes and gives; features by the manifest inside, else `x0`, `x1`, … or the names of its inputs
 * @throws AppError `model.not-a-model` for a file that is no ONNX or damaged, `model.rejected` for one that is not let in
 */
export function normaliseOnnx(input: string, output: string): ConvertedDescription {
  const { reasons } = admitted(() => readOnnxFile(input));
  if (reasons.length > 0) {
    throw new AppError('model.rejected', `The ONNX file was not let in: ${reasons.join(' ')}`);
  }
  rewriteFile(
    input,
    output,
    admitted(() => editsOf(input)),
  );
  return describe(admitted(() => readOnnxFile(output)));
}

function editsOf(path: string) {
  const file = openSync(path, 'r');
  try {
    return zipMapEdits(new ProtoReader(file, fstatSync(file).size));
  } finally {
    closeSync(file);
  }
}

function admitted<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    throw new AppError('model.not-a-model', `It is no ONNX model, or damaged: ${error.message}.`);
  }
}

function describe(facts: OnnxFacts): ConvertedDescription {
  const names = manifestFeatures(facts.metadata[MANIFEST_KEY]);
  return {
    format: 'onnx',
    features: names?.map(name => ({ name, type: 'number' })) ?? columnsOf(facts.inputs),
    isNamed: names !== undefined || facts.inputs.length > 1,
    outputs: facts.outputs.map(({ name, dims }) => ({ name, kind: 'value', columns: dims[1] ?? 1 })),
    model: 'ONNX model',
    library: 'onnx',
    libraryVersion: facts.opsets.map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`).join(', '),
    warnings: [],
    metadata: facts.metadata,
  };
}

/** One table has a column for each feature; several inputs are columns themselves. */
function columnsOf(inputs: readonly OnnxValue[]): ConvertedDescription['features'] {
  const [only, ...more] = inputs;
  const typeOf = ({ elementType }: OnnxValue) => (elementType === TEXT ? 'text' : 'number');
  if (only === undefined) return [];
  if (more.length > 0) return inputs.map(input => ({ name: input.name, type: typeOf(input) }));
  const width = Math.min(only.dims[1] ?? 0, MOST_COLUMNS);
  return Array.from({ length: Math.max(0, width) }, (_, index) => ({
    name: `x${index}`,
    type: typeOf(only),
  }));
}

function manifestFeatures(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  try {
    const { features } = JSON.parse(text) as { features?: unknown };
    if (!Array.isArray(features)) return undefined;
    const names = features.map((feature: unknown) => (feature as { name?: unknown } | null)?.name);
    return names.every(name => typeof name === 'string') ? names : undefined;
  } catch {
    return undefined;
  }
}
