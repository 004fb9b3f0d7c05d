/** The script of the capped child: reads, loads and runs one model. It has no secrets and may die at any time. */
import { readFileSync, writeFileSync } from 'node:fs';
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
import { LoadedModel } from './loaded-model.ts';
import { readOnnxFile } from './onnx-file.ts';

let loaded: LoadedModel | undefined;

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
  loaded = await LoadedModel.load(request.path);
  return { outputs: loaded.outputs, isDouble: loaded.isDouble } satisfies LoadAnswer;
});

answerRuns(PIPE_FD, async (rows, columns) => {
  if (!loaded) throw new Error('no model is loaded');
  return loaded.run(rows, columns);
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
