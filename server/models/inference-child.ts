/** The script of the capped child: reads, loads and runs one model. It has no secrets and may die at any time. */
import { readFileSync, writeFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '../../common/errors.ts';
import { answerRequests } from '../platform/workers/answer-requests.ts';
import type {
  ConvertAnswer,
  ConvertedDescription,
  InferenceRequest,
  InspectAnswer,
  LoadAnswer,
  RunAnswer,
} from './inference-messages.ts';
import { readOnnxFile } from './onnx-file.ts';

/** Batches of this size stay in the processor's cache: per row about twice as fast as a thousand at once. */
const ROWS_PER_SLICE = 128;

interface Loaded {
  readonly session: InferenceSession;
  readonly input: string;
  readonly columns: number | undefined;
  readonly isDouble: boolean;
}

let loaded: Loaded | undefined;

answerRequests(async body => {
  const request = body as InferenceRequest;
  if (request.kind === 'inspect') return inspect(request.path);
  if (request.kind === 'convert') {
    // Loaded for this request only: a child that serves a model needs none of it.
    const { convertFile } = await import('./convert/index.ts');
    return converted(() => {
      const { onnx, ...description } = convertFile(readFileSync(request.path));
      writeFileSync(request.output, onnx, { mode: 0o600 });
      return description;
    });
  }
  if (request.kind === 'normalise') {
    const { normaliseOnnx } = await import('./normalise-onnx.ts');
    return converted(() => normaliseOnnx(request.path, request.output));
  }
  if (request.kind === 'table') {
    const { answerTable } = await import('./run-onnx-table.ts');
    return answerTable(request.path, request.table, request.features);
  }
  if (request.kind === 'load') {
    loaded = await load(request.path);
    return { outputs: loaded.session.outputNames, isDouble: loaded.isDouble } satisfies LoadAnswer;
  }
  if (!loaded) throw new Error('no model is loaded');
  return run(loaded, request.rows, request.columns);
});

function inspect(path: string): InspectAnswer {
  try {
    return { sound: true, facts: readOnnxFile(path) };
  } catch (error) {
    return { sound: false, reason: (error as Error).message };
  }
}

function converted(convert: () => ConvertedDescription): ConvertAnswer {
  try {
    return { converted: true, description: convert() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { converted: false, code: error.code, message: error.message, hint: error.hint };
  }
}

async function load(path: string): Promise<Loaded> {
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
  const columns = input.shape[1];
  return {
    session,
    input: input.name,
    columns: typeof columns === 'number' && columns > 0 ? columns : undefined,
    isDouble: input.type === 'float64',
  };
}

async function run(model: Loaded, rows: Float64Array, columns: number): Promise<RunAnswer> {
  const { session, input, isDouble } = model;
  if (model.columns !== undefined && model.columns !== columns) {
    throw new Error(`it takes ${model.columns} features, not ${columns}`);
  }
  const count = rows.length / columns;
  const outputs = session.outputNames.map(() => [] as Float64Array[]);
  for (let start = 0; start < count; start += ROWS_PER_SLICE) {
    const size = Math.min(ROWS_PER_SLICE, count - start);
    const slice = rows.subarray(start * columns, (start + size) * columns);
    const tensor = isDouble
      ? new Tensor('float64', slice, [size, columns])
      : new Tensor('float32', Float32Array.from(slice), [size, columns]);
    const answer = await session.run({ [input]: tensor });
    for (const [index, name] of session.outputNames.entries()) {
      outputs[index]?.push(numbersOf(name, answer[name], size));
    }
  }
  return { outputs: outputs.map(joined) };
}

function numbersOf(name: string, tensor: Tensor | undefined, rows: number): Float64Array {
  if (!tensor) throw new Error(`its output ${name} is missing`);
  if (tensor.type === 'string') throw new Error(`its output ${name} is text; numbers are expected`);
  const values = Float64Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  if (values.length % rows !== 0 || values.length === 0) {
    throw new Error(`its output ${name} has ${values.length} values for ${rows} rows`);
  }
  return values;
}

function joined(slices: readonly Float64Array[]): Float64Array {
  const [only] = slices;
  if (slices.length === 1 && only) return only;
  const all = new Float64Array(slices.reduce((sum, slice) => sum + slice.length, 0));
  let at = 0;
  for (const slice of slices) {
    all.set(slice, at);
    at += slice.length;
  }
  return all;
}
