import { Tensor } from 'onnxruntime-node';
// What lies behind `InferenceSession`, whose `run` waits for another turn of the event loop, longer than one row takes.
import { type Binding, binding, initOrt } from 'onnxruntime-node/dist/binding.js';
import type { RunOutput } from '../platform/index.ts';

/**
 * Rows that ONNX Runtime gets at once. Trees do not care; linear models pay about 20 µs for each call, so that slices of
 * 128 cost them four times the time of 1,024. More would only take more memory for what lies between the operators.
 */
const ROWS_PER_SLICE = 1_024;

/** Names of element types by their numbers in onnx.proto (`TensorProto.DataType`). */
const TYPES =
  'undefined float32 uint8 int8 uint16 int16 int32 int64 text boolean float16 float64 uint32 uint64'.split(
    ' ',
  );

/** A model in ONNX Runtime that takes one table of numbers, for the thread that loaded it. Lives in the inference child alone. */
export class LoadedModel {
  readonly outputs: readonly string[];
  /** Whether it calculates on 64-bit numbers. */
  readonly isDouble: boolean;
  /** Values of one row; `undefined` when the model leaves that open. */
  readonly columns: number | undefined;
  readonly #session: Binding.InferenceSession;
  readonly #fetches: Readonly<Record<string, null>>;
  readonly #input: string;

  private constructor(session: Binding.InferenceSession, input: Binding.ValueMetadata) {
    this.outputs = session.outputMetadata.map(({ name }) => name);
    this.isDouble = TYPES[input.type] === 'float64';
    this.#session = session;
    this.#fetches = Object.fromEntries(this.outputs.map(name => [name, null]));
    this.#input = input.name;
    const columns = input.shape[1] ?? 0;
    this.columns = columns > 0 ? columns : undefined;
  }

  /**
   * @param file its path or its content
   * @throws Error saying why the file cannot be loaded or what its input should be
   */
  static load(file: string | Uint8Array<ArrayBuffer>): LoadedModel {
    initOrt();
    const session = new binding.InferenceSession();
    // One thread: sums then have one order, so the same rows give the same bits.
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 } as const;
    if (typeof file === 'string') session.loadModel(file, options);
    else session.loadModel(file.buffer, file.byteOffset, file.byteLength, options);
    const { inputMetadata } = session;
    const [input] = inputMetadata;
    if (!input?.isTensor || inputMetadata.length > 1) {
      throw new Error(`it takes ${inputMetadata.length} inputs; one table of numbers is expected`);
    }
    const type = TYPES[input.type] ?? `no. ${input.type}`;
    if (type !== 'float64' && type !== 'float32') {
      throw new Error(`its input is of type ${type}; float64 or float32 is expected`);
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
  run(rows: Float64Array, columns: number): RunOutput[] {
    const count = rows.length / columns;
    if (count <= ROWS_PER_SLICE) return this.#runSlice(rows, columns);
    const outputs: RunOutput[] = [];
    for (let start = 0; start < count; start += ROWS_PER_SLICE) {
      const end = Math.min(count, start + ROWS_PER_SLICE);
      const slice = this.#runSlice(rows.subarray(start * columns, end * columns), columns);
      for (const [index, { width, values }] of slice.entries()) {
        outputs[index] ??= { width, values: new Float64Array(count * width) };
        const output = outputs[index];
        if (output.width !== width) {
          throw new Error(`its output ${this.outputs[index]} has not the same width for all rows`);
        }
        output.values.set(values, start * width);
      }
    }
    return outputs;
  }

  #runSlice(rows: Float64Array, columns: number): RunOutput[] {
    if (this.columns !== undefined && this.columns !== columns) {
      throw new Error(`it takes ${this.columns} features, not ${columns}`);
    }
    const count = rows.length / columns;
    const tensor = this.isDouble
      ? new Tensor('float64', rows, [count, columns])
      : new Tensor('float32', Float32Array.from(rows), [count, columns]);
    const answer = this.#session.run({ [this.#input]: tensor }, this.#fetches, {});
    return this.outputs.map(name => {
      const values = numbersOf(name, answer[name] as Tensor | undefined, count);
      return { width: values.length / count, values };
    });
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
