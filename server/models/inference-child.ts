/** The script of the capped child: reads, loads and runs one model. It has no secrets and may die at any time. */
import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { AppError } from '../../common/errors.ts';
import { answerRequests } from '../platform/workers/answer-requests.ts';
import { answerRuns } from '../platform/workers/answer-runs.ts';
import { PIPE_FD } from '../platform/workers/child-messages.ts';
import type {
  ConvertAnswer,
  ConvertedDescription,
  InferenceRequest,
  InspectAnswer,
  LoadAnswer,
} from './inference-messages.ts';
import { readOnnxFile } from './onnx-file.ts';
import { serveAsThread } from './run-thread.ts';
import { ThreadedModel } from './threaded-model.ts';

let loaded: ThreadedModel | undefined;

if (isMainThread) {
  answerRequests(body => answer(body as InferenceRequest));
  answerRuns(PIPE_FD, (rows, columns) => {
    if (!loaded) throw new Error('no model is loaded');
    return loaded.run(rows, columns);
  });
} else serveAsThread();

async function answer(request: InferenceRequest): Promise<unknown> {
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
  // A lost thread is a crash: whoever waits is told at once.
  const onLost = () => process.exit(1);
  loaded = ThreadedModel.load(request.path, { script: import.meta.filename, onLost });
  const { outputs, isDouble, trees } = loaded;
  const told = request.withTrees && trees ? { trees } : {};
  return { outputs, isDouble, ...told } satisfies LoadAnswer;
}

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
