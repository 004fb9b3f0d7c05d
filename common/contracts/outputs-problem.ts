import type { ModelManifest } from './models.ts';

/**
 * What is wrong with what a manifest says of its outputs, as the end of "the manifest …"; `undefined` when nothing is, or it says nothing.
 * The form of an upload asks before the server does.
 */
export function outputsProblem({
  outputs,
  task,
  target,
  golden,
}: Pick<ModelManifest, 'outputs' | 'task' | 'target' | 'golden'>): string | undefined {
  if (outputs === undefined) return undefined;
  const names = outputs.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `outputs name "${twice}" twice`;
  const used = outputs.filter(({ unused }) => unused !== true);
  const levels = used.flatMap(({ quantile }) => quantile ?? []);
  const level = levels.find((quantile, index) => levels.indexOf(quantile) !== index);
  if (level !== undefined) return `outputs hold the quantile ${level} twice`;
  const parts = used.flatMap(({ part }) => part ?? []);
  const wrongParts = partsProblem(parts, used, { task, target });
  if (wrongParts !== undefined) return wrongParts;
  const whole = used.length - levels.length - parts.length;
  const answers = whole + (parts.length > 0 ? 1 : 0);
  const named = `outputs name ${answers} answers`;
  if (task === 'interruption') {
    if (levels.length > 0) return 'outputs hold a quantile, but a probability has none';
    if (answers !== 1) return `${named}; the probability is one, mark all others as "unused": true`;
  }
  if (task === 'spot-price') {
    if (answers > 1)
      return `${named}; the price is one, give others a "quantile" or mark them as "unused": true`;
    if (answers === 0 && !levels.includes(0.5))
      return 'outputs hold neither the price itself nor its quantile 0.5';
  }
  const row = golden.findIndex(({ output }) => output.length !== outputs.length);
  return row < 0
    ? undefined
    : `golden[${row}].output has ${golden[row]?.output.length} values, but there are ${outputs.length} outputs`;
}

function partsProblem(
  parts: readonly string[],
  used: NonNullable<ModelManifest['outputs']>,
  { task, target }: Pick<ModelManifest, 'task' | 'target'>,
): string | undefined {
  if (parts.length === 0) return undefined;
  if (task !== 'spot-price' || target !== 'log-return')
    return 'outputs hold the probability or the size of a change, which only a spot-price model with the target log-return has';
  const both = used.find(({ part, quantile }) => part !== undefined && quantile !== undefined);
  if (both) return `outputs call "${both.name}" a quantile and a part of the answer`;
  const count = (wanted: string) => parts.filter(part => part === wanted).length;
  return count('change-probability') === 1 && count('change-size') === 1
    ? undefined
    : 'outputs need one "change-probability" and one "change-size": their product is the answer';
}
