import type { ModelDraft } from '../../../../common/contracts/index.ts';
import { type ManifestValues, valuesOfDraft } from './manifest-values.ts';

const kept = new Map<string, ManifestValues>();

/** What was typed for a draft so far: it outlives the page, as the draft does. */
export function keptValues(draft: ModelDraft): ManifestValues {
  return kept.get(draft.id) ?? valuesOfDraft(draft);
}

/** Remembers what was typed for a draft; `undefined` forgets it. */
export function keepValues(draftId: string, values: ManifestValues | undefined): void {
  if (values) kept.set(draftId, values);
  else kept.delete(draftId);
}
