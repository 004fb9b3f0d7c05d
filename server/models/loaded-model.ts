import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { RunOutput } from '../platform/index.ts';

/**
 * Rows that ONNX Runtime gets at once. Trees do not care; linear models pay about 20 µs for each call, so that slices of
 * 128 cost them four times the time of 1,024. More would only take more memory for what lies between the operators.
 */
const ROWS_PER_SLICE = 1_024;

/** A model in ONNX Runtime that takes one table of numbers. Lives in the inference child alone. */
export class LoadedModel {
  readonly outputs: readonly string[];
  /** Whether it calculates on 64-bit numbers. */
  readonly isDouble: boolean;
  readonly #session: InferenceSession;
  readonly #input: string;
  readonly #columns: number | undefined;

  private constructor(session: InferenceSession, input: InferenceSession.TensorValueMetadata) {
    this.outputs = session.outputNames;
    this.isDouble = input.type === 'float64';
    this.#session = session;
    this.#input = input.name;
    const columns = input.shape[1];
    this.#columns = typeof columns === 'number' && columns > 0 ? columns : undefined;
  }

  /** @throws Error saying why the file cannot be loaded or what its input should be. */
  static async load(path: string): Promise<LoadedModel> {
    // One thread: sums then have one order, so the same rows give the same bits.
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 as const };
    const session = await InferenceSession.create(path, options);
    const [input, ...more] = session.inputMetadata;
    if (!input?.isTensor || more.length > 0) {
      throw new Error(`it takes ${session.inputNames.length} inputs; one table of numbers is expected`);
    }
    if (input.type !== 'float64' && input.type !== 'float32') {
      throw new Error(`its input is of type ${input.type}; float64 or float32 is expected`);
    }
    if (input.shape.length !== 2) {
      throw new Error(`its input has ${input.shape.length} dimensions; rows × features are expected`);
    }
    return new LoadedModel(session, input);
  }

  /**
   * Runs `rows.length / columns` rows.
   * @throws Error for the wrong number of columns, rows that the model cannot take, outputs that are no numbers for each row
   */
  async run(rows: Float64Array, columns: number): Promise<RunOutput[]> {
    if (this.#columns !== undefined && this.#columns !== columns) {
      throw new Error(`it takes ${this.#columns} features, not ${columns}`);
    }
    const count = rows.length / columns;
    const outputs: RunOutput[] = [];
    for (let start = 0; start < count; start += ROWS_PER_SLICE) {
      const size = Math.min(ROWS_PER_SLICE, count - start);
      const slice = rows.subarray(start * columns, (start + size) * columns);
      const tensor = this.isDouble
        ? new Tensor('float64', slice, [size, columns])
        : new Tensor('float32', Float32Array.from(slice), [size, columns]);
      const answer = await this.#session.run({ [this.#input]: tensor });
      for (const [index, name] of this.outputs.entries()) {
        const values = numbersOf(name, answer[name], size);
        const width = values.length / size;
        outputs[index] ??= { width, values: size === count ? values : new Float64Array(count * width) };
        const output = outputs[index];
        if (output.width !== width) throw new Error(`its output ${name} has not the same width for all rows`);
        if (size < count) output.values.set(values, start * width);
      }
    }
    return outputs;
  }
}

function numbersOf(name: string, tensor: Tensor | undefined, rows: number): Float64Array {
  if (!tensor) throw new Error(`its output ${name} is missing`);
  if (tensor.type === 'string') throw new Error(`its output ${name} is text; numbers are expected`);
  const { data } = tensor;
  if (data.length % rows !== 0 || data.length === 0) {
    throw new Error(`its output ${name} has ${data.length} values for ${rows} rows`);
  }
  if (data instanceof Float64Array) return data;
  if (data instanceof Float32Array || data instanceof Int32Array) return new Float64Array(data);
  return Float64Array.from(data as ArrayLike<number | bigint>, Number);
}
