import { type EngineInput, engineAnswer, type PlugInAnswer } from '../../../common/contracts/index.ts';
import type { Logger } from '../../platform/index.ts';
import { askPlugIn, type PlugInModule, type PlugInSettings } from './ask-plug-in.ts';
import type { PlugInFailure } from './plug-in-messages.ts';

/** What a plug-in answered, or why nothing that can be used. */
export type PlugInRun =
  | { readonly ok: true; readonly answer: PlugInAnswer; readonly text: string }
  | PlugInFailure;

/** A message to a child may have 64 MiB, and a text may need two bytes for a character. */
const MOST_INPUT_UNITS = 30_000_000;
const MOST_ISSUES = 3;

/** Lets a plug-in decide on one input; what it answers is checked for its form, not yet for what it means. */
export async function runPlugIn(
  module: PlugInModule,
  input: EngineInput,
  settings: PlugInSettings,
  log: Logger,
): Promise<PlugInRun> {
  const inputText = JSON.stringify(input);
  if (inputText.length > MOST_INPUT_UNITS) {
    const reason = `the cluster is too large for it: ${inputText.length} characters of JSON, and at most ${MOST_INPUT_UNITS} are handed over`;
    return unusable(reason);
  }
  const outcome = await askPlugIn(module, settings, log, inputText);
  if (!outcome.ok) return outcome;
  return readAnswer(outcome.answerText ?? '');
}

/** Reads an answer; nothing of one that has not the form of the contract is used. */
export function readAnswer(text: string): PlugInRun {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unusable('its answer is no JSON');
  }
  const read = engineAnswer.safeParse(value);
  if (read.success) return { ok: true, answer: read.data, text };
  const issues = read.error.issues
    .slice(0, MOST_ISSUES)
    .map(({ path, message }) => `${path.join('.') || 'the answer'}: ${message}`);
  return unusable(`its answer is not what the contract says: ${issues.join('; ')}`);
}

function unusable(reason: string): PlugInFailure {
  return { ok: false, reason, isFault: false, isOverrun: false };
}
