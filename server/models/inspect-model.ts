import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ModelManifest } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Logger } from '../platform/index.ts';
import { convertInChild } from './convert-in-child.ts';
import type { ConvertedDescription } from './inference-messages.ts';
import { type FeatureNames, MANIFEST_KEY, readManifest } from './manifest.ts';
import type { OnnxFacts, OnnxValue } from './onnx-facts.ts';
import { foreignFormatOf } from './sniff-format.ts';
import type { ChildSettings } from './start-inference-child.ts';
import { trainedUntilIn } from './trained-until.ts';
import { inspectInChild, trialLoad } from './trial-load.ts';

/** What a file is and whether it would be let in, without a registry: `cloudoptim models inspect`. */
export interface ModelInspection {
  readonly file: string;
  readonly format: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly name?: string;
  readonly task?: string;
  readonly trainedUntil?: string;
  readonly features?: readonly string[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly operators: readonly string[];
  /** Of a file that was converted: library, class, columns, outputs, classes, and what lay beside the model. */
  readonly converted?: ConvertedDescription;
  readonly verdict: 'accepted' | 'rejected';
  readonly reasons: readonly string[];
}

export interface InspectParts {
  readonly features: FeatureNames;
  readonly children: ChildSettings;
  readonly log: Logger;
  readonly nowMs: number;
}

type Facts = Omit<ModelInspection, 'verdict' | 'reasons'>;

/** The first bytes tell what is surely no ONNX file. */
const HEAD_BYTES = 512;

/**
 * Reads a file as data, then loads and runs it in a throw-away child, as an upload would. Keeps nothing.
 * @throws AppError `input.invalid` when the file cannot be read
 */
export async function inspectModel(path: string, parts: InspectParts): Promise<ModelInspection> {
  const { head, bytes } = await readHead(path);
  const known = {
    file: basename(path),
    sha256: await sha256Of(path),
    bytes,
    inputs: [] as readonly OnnxValue[],
    outputs: [] as readonly OnnxValue[],
    operators: [] as readonly string[],
  };
  const foreign = foreignFormatOf(head);
  if (foreign?.isConvertible) return inspectConverted(path, known, parts);
  if (foreign) {
    const reasons = [`It is ${foreign.name}, not an ONNX model. ${foreign.advice}`];
    return { ...known, format: foreign.name.replace(/^an? /, ''), verdict: 'rejected', reasons };
  }
  const answer = await inspectInChild(path, parts.children, parts.log);
  if (!answer.sound) {
    const reasons = [`It is no ONNX model, or damaged: ${answer.reason}.`];
    return { ...known, format: 'unknown', verdict: 'rejected', reasons };
  }
  const { inputs, outputs, operators, metadata, reasons } = answer.facts;
  const facts = { ...known, format: 'onnx', inputs, outputs, operators };
  if (reasons.length === 0 && operators.includes('ai.onnx.ml.ZipMap'))
    return inspectZipMap(path, facts, metadata, parts);
  if (reasons.length > 0) return { ...facts, verdict: 'rejected', reasons };

  return tryOnnx(path, facts, metadata, parts);
}

/** With lists of maps made tensors, as it would be kept. */
async function inspectZipMap(
  path: string,
  facts: Facts,
  metadata: OnnxFacts['metadata'],
  parts: InspectParts,
): Promise<ModelInspection> {
  return await inFolder(async folder => {
    const kept = join(folder, 'model.onnx');
    await convertInChild(path, kept, parts.children, parts.log);
    const answer = await inspectInChild(kept, parts.children, parts.log);
    const { inputs, outputs } = answer.sound ? answer.facts : facts;
    return await tryOnnx(kept, { ...facts, inputs, outputs }, metadata, parts);
  });
}

async function tryOnnx(
  path: string,
  facts: Facts,
  metadata: OnnxFacts['metadata'],
  parts: InspectParts,
): Promise<ModelInspection> {
  const manifest = manifestOf(metadata[MANIFEST_KEY], parts);
  if ('reason' in manifest) return { ...facts, verdict: 'rejected', reasons: [manifest.reason] };
  const { name, task, trainedUntil, features } = manifest;
  const described = { ...facts, name, task, trainedUntil, features: features.map(feature => feature.name) };
  const trial = await trialLoad(path, manifest, parts.children, parts.log);
  if (!trial.passed) return { ...described, verdict: 'rejected', reasons: [trial.reason] };
  return { ...described, verdict: 'accepted', reasons: [] };
}

/** A file of Python: converted into a folder that is then thrown away. */
async function inspectConverted(
  path: string,
  known: Omit<ModelInspection, 'format' | 'verdict' | 'reasons'>,
  { children, log }: InspectParts,
): Promise<ModelInspection> {
  return await inFolder(async folder => {
    const onnx = join(folder, 'model.onnx');
    try {
      const converted = await convertInChild(path, onnx, children, log);
      const answer = await inspectInChild(onnx, children, log);
      if (!answer.sound)
        throw new AppError('model.rejected', `What it was converted to is unsound: ${answer.reason}.`);
      const { inputs, outputs, operators } = answer.facts;
      const task = converted.metadata.task;
      const trainedUntil = trainedUntilIn(converted.metadata);
      return {
        ...known,
        format: converted.format,
        ...(typeof task === 'string' ? { task } : {}),
        ...(trainedUntil === undefined ? {} : { trainedUntil }),
        features: converted.features.map(feature => feature.name),
        inputs,
        outputs,
        operators,
        converted,
        verdict: 'accepted',
        reasons: [],
      };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const reasons = [`${error.message} ${error.hint}`];
      return { ...known, format: 'unknown', verdict: 'rejected', reasons };
    }
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudoptim-inspect-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function manifestOf(
  text: string | undefined,
  parts: InspectParts,
): ModelManifest | { readonly reason: string } {
  if (text === undefined) {
    return {
      reason: `It has no manifest: metadata_props holds no "${MANIFEST_KEY}"; one can be sent with the upload.`,
    };
  }
  try {
    return readManifest(text, parts.features, parts.nowMs);
  } catch (error) {
    if (error instanceof AppError) return { reason: error.message };
    throw error;
  }
}

async function readHead(path: string): Promise<{ head: Buffer; bytes: number }> {
  const file = await open(path).catch((cause: unknown) => {
    throw new AppError('input.invalid', `The file ${path} cannot be read.`, {
      cause,
      hint: 'Check the path; relative ones count from where the command was called.',
    });
  });
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return { head: buffer.subarray(0, bytesRead), bytes: size };
  } catch (cause) {
    throw new AppError('input.invalid', `The file ${path} cannot be read.`, {
      cause,
      hint: 'Give the path of a file.',
    });
  } finally {
    await file.close();
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
