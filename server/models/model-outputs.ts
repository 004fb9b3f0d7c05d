import type { ModelManifest, ModelOutput } from '../../common/contracts/index.ts';
import type { ConvertedDescription } from './inference-messages.ts';
import type { OnnxValue } from './onnx-facts.ts';

/** `TensorProto.DataType` of onnx.proto. */
const INT64 = 7;

/** Outputs of a model for `rows` rows as one table: `rows × width`, output after output, column after column. */
export function joinOutputs(outputs: readonly Float64Array[], rows: number): Float64Array {
  const [first] = outputs;
  if (outputs.length === 1 && first) return first;
  const widths = outputs.map(output => output.length / rows);
  const width = widths.reduce((sum, own) => sum + own, 0);
  const table = new Float64Array(rows * width);
  let start = 0;
  for (const [index, output] of outputs.entries()) {
    const own = widths[index] ?? 0;
    for (let row = 0; row < rows; row++) {
      table.set(output.subarray(row * own, (row + 1) * own), row * width + start);
    }
    start += own;
  }
  return table;
}

/** Names of all values of a row in order; `undefined` where the file leaves a width open. */
export function answerNames(outputs: readonly Pick<OnnxValue, 'name' | 'dims'>[]): string[] | undefined {
  const names: string[] = [];
  for (const { name, dims } of outputs) {
    const width = dims.length < 2 ? 1 : dims[1];
    if (width === undefined) return undefined;
    names.push(...columnNames(name, width));
  }
  return names;
}

/** How the names of a manifest differ from those of the file; `undefined` when they do not, or the file leaves widths open. */
export function misnamedOutputs(
  { outputs }: Pick<ModelManifest, 'outputs'>,
  ofFile: readonly Pick<OnnxValue, 'name' | 'dims'>[],
): string | undefined {
  if (outputs === undefined) return undefined;
  const names = answerNames(ofFile);
  if (names === undefined) return undefined;
  const said = outputs.map(({ name }) => name);
  if (names.join('\n') === said.join('\n')) return undefined;
  return `outputs are ${said.join(', ')}, but the file gives ${names.join(', ')}, in this order`;
}

/** Why what a model put out for its first rows is not what its task needs; a sentence. */
export function widthProblem(
  { outputs, task }: Pick<ModelManifest, 'outputs' | 'task'>,
  answers: readonly Float64Array[],
  rows: number,
): string | undefined {
  const width = answers.reduce((sum, answer) => sum + answer.length, 0) / rows;
  if (outputs) {
    return width === outputs.length
      ? undefined
      : `it gives ${width} values for a row, but the manifest names ${outputs.length} outputs.`;
  }
  const first = (answers[0]?.length ?? 0) / rows;
  if (task === 'spot-price' && first !== 1) {
    return `it gives ${first} values for a row; a price forecast is one, or "outputs" in the manifest says what each is.`;
  }
  if (task === 'interruption' && width !== 1) {
    return `it gives ${width} values for a row; "outputs" in the manifest must say which one is the probability.`;
  }
  return undefined;
}

/**
 * What the outputs of a converted file are, where that shows: several regressions that are all called after quantiles, or the
 * classes 0 and 1 (or two others) with probabilities, of which the second is the one that is asked for.
 */
export function describeOutputs(outputs: ConvertedDescription['outputs']): ModelOutput[] {
  const [label, probabilities, ...more] = outputs;
  if (label?.kind === 'label' && probabilities?.kind === 'probabilities' && more.length === 0) {
    const [no, yes, ...others] = columnNames(probabilities.name, probabilities.columns);
    if (no === undefined || yes === undefined || others.length > 0) return [];
    return [{ name: label.name, unused: true }, { name: no, unused: true }, { name: yes }];
  }
  if (outputs.length < 2 || outputs.some(({ kind, columns }) => kind !== 'prediction' || columns !== 1))
    return [];
  const described = outputs.map(({ name }) => ({ name, quantile: quantileOfName(name) }));
  const points = described.filter(({ quantile }) => quantile === undefined);
  const levels = new Set(described.map(({ quantile }) => quantile));
  if (points.length > 1 || levels.size !== outputs.length) return [];
  return described.map(({ name, quantile }) => (quantile === undefined ? { name } : { name, quantile }));
}

/** The same for an ONNX file: by the names and shapes of its outputs. */
export function describeOnnxOutputs(
  outputs: readonly Pick<OnnxValue, 'name' | 'dims' | 'elementType'>[],
): ModelOutput[] {
  const described = outputs.map(({ name, dims, elementType }) => ({
    name,
    kind: elementType === INT64 ? ('label' as const) : ('prediction' as const),
    columns: dims.length < 2 ? 1 : (dims[1] ?? 0),
  }));
  const [label, probabilities, ...more] = described;
  return label?.kind === 'label' && probabilities?.columns === 2 && more.length === 0
    ? describeOutputs([label, { ...probabilities, kind: 'probabilities' }])
    : describeOutputs(described);
}

/** `p10`, `q0.1`, `quantile_10`, `0.1`, `median`: 0.1, …; `undefined` for a name that tells no quantile. */
export function quantileOfName(name: string): number | undefined {
  if (/^(median|p50)$/i.test(name)) return 0.5;
  const found = /^(?:(?:p|q|quantile|percentile|alpha)[_-]?)(\d+(?:[._]\d+)?)$|^(0?\.\d+)$/i.exec(
    name.trim(),
  );
  const text = (found?.[1] ?? found?.[2])?.replace('_', '.');
  if (text === undefined) return undefined;
  // `p05` and `p5` are both five percent; a value below one is a share already.
  const value = Number(text) < 1 ? Number(text) : Number(`${text}e-2`);
  return value > 0 && value < 1 ? value : undefined;
}

function columnNames(name: string, width: number): string[] {
  return width === 1 ? [name] : Array.from({ length: width }, (_, column) => `${name}_${column}`);
}
