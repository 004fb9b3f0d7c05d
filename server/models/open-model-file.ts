import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ModelManifest } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { describeOutcome, type Logger } from '../platform/index.ts';
import { convertInChild } from './convert-in-child.ts';
import { draftManifest } from './draft-manifest.ts';
import type { ConvertedDescription } from './inference-messages.ts';
import { checkManifest, type FeatureNames, MANIFEST_KEY, manifestError, parseManifest } from './manifest.ts';
import { describeOutputs } from './model-outputs.ts';
import { openOwnTrees } from './open-own-trees.ts';
import { runInParts } from './run-in-parts.ts';
import { type ChildSettings, InferenceChild } from './start-inference-child.ts';
import type { TreePlan } from './trees/index.ts';
import { tryGoldenRows } from './trial-load.ts';

/** Rows that travel to a child at once. */
const ROWS_PER_RUN = 8_192;

/** A model file that is open for rows, without a registry. */
export interface OpenModelFile {
  readonly manifest: ModelManifest;
  /** Whether the file or its manifest said for which pools it is; otherwise `manifest.scope` is the fallback's. */
  readonly saysScope: boolean;
  /**
   * Runs `rows.length / columns` rows; several calls at once share the processes, if there are any.
   * @param rows may not change before the answer
   * @returns for each output its values, row after row
   * @throws AppError `model.faulty` when a process failed
   */
  run(rows: Float64Array, columns: number): Promise<Float64Array[]>;
  /** How it is walked, where it is nothing but trees, for threads to do the same. */
  readonly trees?: TreePlan;
  close(): Promise<void>;
}

export interface OpenModelParts {
  readonly features: FeatureNames;
  readonly children: ChildSettings;
  readonly log: Logger;
  readonly nowMs: number;
  /** How many children run rows, each on one thread; trees are walked in this process instead. */
  readonly processes: number;
  /** Another manifest than the one beside the file. */
  readonly manifestFile?: string | undefined;
  /** Fields that stand where neither a manifest nor the file says them. */
  readonly fallback: Readonly<Record<string, unknown>>;
}

/**
 * Opens a model file of any kind that an upload takes: converted where it must be, with the manifest from beside it
 * (`NAME.manifest.json`), else from inside, checked with its golden rows. Keeps nothing once it is closed.
 * @throws AppError `input.invalid` for a file that cannot be read and for what no manifest says, `model.…` for a file that is
 * not let in
 */
export async function openModelFile(path: string, parts: OpenModelParts): Promise<OpenModelFile> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudoptim-model-'));
  const children: InferenceChild[] = [];
  const close = async () => {
    await Promise.all(children.map(child => child.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const onnx = join(folder, 'model.onnx');
    // Started before it is needed: it comes up while another child converts the file.
    children.push(new InferenceChild(parts.children, parts.log));
    const description = await convertInChild(path, onnx, parts.children, parts.log);
    const { manifest, saysScope } = await manifestOf(path, description, parts);
    for (let index = 0; index < Math.max(1, parts.processes); index++) {
      const child = children[index] ?? new InferenceChild(parts.children, parts.log);
      children[index] = child;
      const loaded = await child.load(onnx, index === 0);
      if (loaded.kind !== 'answer') throw rejected(path, describeOutcome(loaded));
      const trial = await tryGoldenRows(child, manifest, loaded.value.isDouble);
      if (!trial.passed) throw rejected(path, trial.reason);
      const own = await openOwnTrees(child, manifest, loaded.value.trees);
      if (!own) continue;
      // Walked here, rows need no way to another process and back.
      await child.close();
      return { manifest, saysScope, run: async rows => own.run(rows), trees: own.plan, close };
    }
    return { manifest, saysScope, run: sharedAmong(children, manifest.name), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The child with the least to do gets the next rows. */
function sharedAmong(children: readonly InferenceChild[], name: string): OpenModelFile['run'] {
  const underWay = children.map(() => 0);
  return (rows, columns) =>
    runInParts(rows, columns, ROWS_PER_RUN, async part => {
      const place = underWay.indexOf(Math.min(...underWay));
      underWay[place] = (underWay[place] ?? 0) + 1;
      const outcome = await children[place]?.run(part, columns);
      underWay[place] = (underWay[place] ?? 0) - 1;
      if (outcome?.kind === 'answer') return outcome.value;
      const reason = outcome === undefined ? 'it was closed' : describeOutcome(outcome);
      throw new AppError('model.faulty', `The model "${name}" could not answer: ${reason}.`);
    });
}

async function manifestOf(
  path: string,
  description: ConvertedDescription,
  { features, nowMs, manifestFile, fallback }: OpenModelParts,
): Promise<{ manifest: ModelManifest; saysScope: boolean }> {
  const said = await saidOf(path, description, manifestFile);
  const checked = checkManifest({ ...fallback, ...said }, features, nowMs);
  if ('manifest' in checked) return { manifest: checked.manifest, saysScope: 'scope' in said };
  const [{ code, message }] = checked.problems;
  if (code === 'model.unknown-feature') throw manifestError(checked.problems);
  throw new AppError(code, `${basename(path)}: ${message}.`, {
    hint: `Say it in ${stemOf(path)}.manifest.json beside the file, or by a flag of this command.`,
  });
}

async function saidOf(
  path: string,
  { metadata, features, isNamed, outputs }: ConvertedDescription,
  manifestFile: string | undefined,
): Promise<Record<string, unknown>> {
  const inside = metadata[MANIFEST_KEY];
  const text =
    (await manifestBeside(path, manifestFile)) ?? (typeof inside === 'string' ? inside : undefined);
  if (text !== undefined) {
    const value = parseManifest(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    throw new AppError('input.invalid', `The manifest of ${basename(path)} is no JSON object.`);
  }
  const columns = isNamed ? features.map(feature => feature.name) : [];
  return draftManifest({ fileName: basename(path), columns, outputs: describeOutputs(outputs), metadata });
}

async function manifestBeside(path: string, named: string | undefined): Promise<string | undefined> {
  if (named !== undefined) {
    return readFile(named, 'utf8').catch((cause: unknown) => {
      throw new AppError('input.invalid', `The manifest ${named} cannot be read.`, {
        cause,
        hint: 'Check the path.',
      });
    });
  }
  for (const candidate of [`${stemOf(path)}.manifest.json`, `${path}.manifest.json`]) {
    const text = await readFile(candidate, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}

function stemOf(path: string): string {
  return path.replace(/(\.(onnx|pkl|pickle|joblib|gz|json|ubj|txt|z))+$/i, '');
}

function rejected(path: string, reason: string): AppError {
  return new AppError('model.rejected', `${basename(path)} was not let in: ${reason.replace(/\.$/, '')}.`);
}
