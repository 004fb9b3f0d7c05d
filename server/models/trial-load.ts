import type { ModelManifest } from '../../common/contracts/index.ts';
import { type ChildOutcome, describeOutcome, type Logger } from '../platform/index.ts';
import { goldenMismatch, goldenTable } from './golden-rows.ts';
import type { InspectAnswer } from './inference-messages.ts';
import { joinOutputs, widthProblem } from './model-outputs.ts';
import { type ChildSettings, InferenceChild } from './start-inference-child.ts';

/** What a throw-away child found out about a file that nobody trusts yet. */
export type TrialVerdict = { readonly passed: true } | { readonly passed: false; readonly reason: string };

/** Reads the tags of a file in a throw-away child. A child that dies on it makes the file unsound. */
export async function inspectInChild(
  path: string,
  settings: ChildSettings,
  log: Logger,
): Promise<InspectAnswer> {
  const child = new InferenceChild(settings, log);
  try {
    const outcome = await child.request({ kind: 'inspect', path });
    if (outcome.kind === 'answer') return outcome.value as InspectAnswer;
    return { sound: false, reason: `while it was read, ${describeOutcome(outcome)}` };
  } finally {
    await child.close();
  }
}

/** Loads a model for the first time, and runs its golden rows, in a throw-away child. */
export async function trialLoad(
  path: string,
  manifest: ModelManifest,
  settings: ChildSettings,
  log: Logger,
): Promise<TrialVerdict> {
  const child = new InferenceChild(settings, log);
  try {
    const loaded = await child.load(path);
    if (loaded.kind !== 'answer') return failed('when it was loaded', loaded);
    return await tryGoldenRows(child, manifest, loaded.value.isDouble);
  } finally {
    await child.close();
  }
}

/** Runs the golden rows in a child that has loaded the model; without any, one row of zeros must run. */
export async function tryGoldenRows(
  child: InferenceChild,
  manifest: ModelManifest,
  isDouble: boolean,
): Promise<TrialVerdict> {
  const columns = manifest.features.length;
  const golden = goldenTable(manifest);
  const ran = await child.run(golden ?? new Float64Array(columns), columns);
  if (ran.kind !== 'answer') return failed('when it was run', ran);
  const rows = Math.max(1, manifest.golden.length);
  const answer = manifest.outputs ? joinOutputs(ran.value, rows) : ran.value[0];
  const misfit = widthProblem(manifest, ran.value, rows);
  if (misfit !== undefined) return { passed: false, reason: misfit };
  const mismatch = golden === undefined ? undefined : goldenMismatch(manifest, answer, isDouble);
  return mismatch === undefined ? { passed: true } : { passed: false, reason: mismatch };
}

function failed(when: string, outcome: Exclude<ChildOutcome, { kind: 'answer' }>): TrialVerdict {
  return { passed: false, reason: `${when}, ${describeOutcome(outcome)}` };
}
