import type { ModelDraft } from '../../../../common/contracts/index.ts';
import { type ManifestValues, valuesOfDraft } from './manifest-values.ts';

const keyOf = (draftId: string) => `cloudoptim-manifest-${draftId}`;

/** What was typed for a draft so far: it outlives the page and a reload, as the draft does. */
export function keptValues(draft: ModelDraft): ManifestValues {
  const initial = valuesOfDraft(draft);
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(draft.id)) ?? '{}') as Partial<ManifestValues>;
    return { ...initial, ...kept };
  } catch {
    return initial;
  }
}

/** Remembers what was typed for a draft; `undefined` forgets it. */
export function keepValues(draftId: string, values: ManifestValues | undefined): void {
  try {
    if (values) sessionStorage.setItem(keyOf(draftId), JSON.stringify(values));
    else sessionStorage.removeItem(keyOf(draftId));
  } catch {
    // A browser that keeps nothing: what was typed lives as long as the form.
  }
}
