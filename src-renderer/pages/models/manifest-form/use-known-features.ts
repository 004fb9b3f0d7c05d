import { useMemo } from 'react';
import type { ModelDraft } from '../../../../common/contracts/index.ts';
import { useLive } from '../../../connection/use-live.ts';

/**
 * Names of features that a column can be given: those of the versions in the registry, which were all checked against the
 * catalog, and the near matches of the draft. There is no call that lists the catalog itself; the server checks each name.
 */
export function useKnownFeatures(draft: ModelDraft): readonly string[] {
  const models = useLive('models').values;
  return useMemo(() => {
    const ofModels = [...(models?.values() ?? [])].flatMap(({ manifest }) =>
      manifest.features.map(({ name }) => name),
    );
    const ofDraft = draft.columns.flatMap(({ name, isKnown, nearMatches }) =>
      isKnown ? [name, ...nearMatches] : nearMatches,
    );
    return [...new Set([...ofModels, ...ofDraft])].sort((a, b) =>
      a.localeCompare(b, 'en', { numeric: true }),
    );
  }, [models, draft]);
}
