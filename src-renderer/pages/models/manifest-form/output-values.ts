import type { ModelDraft, ModelManifest, ModelOutput } from '../../../../common/contracts/index.ts';

/** What one value of a row can be. */
export type OutputRole = 'answer' | 'quantile' | 'change-probability' | 'change-size' | 'unused';

/** One value of a row as the form holds it. */
export interface OutputValue {
  readonly name: string;
  readonly role: OutputRole;
  /** `0.1`, as somebody types it; of a quantile only. */
  readonly quantile: string;
}

/**
 * What the values of a row are: as the file says, else the first one is the answer, as it is without a word. Empty where there is one only,
 * where the file leaves their number open, and where its golden rows tell of the first one alone.
 */
export function outputValues({
  answers,
  suggestion,
}: Pick<ModelDraft, 'answers' | 'suggestion'>): OutputValue[] {
  const said = suggestion.outputs as readonly ModelOutput[] | undefined;
  if (said) return said.map(asFormValue);
  const golden = (suggestion.golden ?? []) as ModelManifest['golden'];
  if (answers.length < 2 || golden.some(({ output }) => output.length !== answers.length)) return [];
  return answers.map((name, index) => ({ name, role: index === 0 ? 'answer' : 'unused', quantile: '' }));
}

/** The outputs of the manifest. */
export function outputsOf(values: readonly OutputValue[]): ModelOutput[] {
  return values.map(({ name, role, quantile }) => {
    if (role === 'answer') return { name };
    if (role === 'unused') return { name, unused: true };
    return role === 'quantile' ? { name, quantile: Number(quantile) } : { name, part: role };
  });
}

function asFormValue({ name, quantile, part, unused }: ModelOutput): OutputValue {
  const role = unused ? 'unused' : (part ?? (quantile === undefined ? 'answer' : 'quantile'));
  return { name, role, quantile: quantile === undefined ? '' : String(quantile) };
}
