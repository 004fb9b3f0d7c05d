import { useMemo } from 'react';
import { api, type ModelDraft } from '../../../../common/contracts/index.ts';
import { useRead } from '../../../connection/use-call.ts';

/** Names of features that a column can be given: the catalog's, and until it has answered the near matches of the draft. */
export function useKnownFeatures(draft: ModelDraft): readonly string[] {
  const catalog = useRead(api.forecasts.listFeatures, {}).data;
  return useMemo(() => {
    if (catalog) return catalog.features.map(({ name }) => name);
    const near = draft.columns.flatMap(({ name, isKnown, nearMatches }) =>
      isKnown ? [name, ...nearMatches] : nearMatches,
    );
    return [...new Set(near)];
  }, [catalog, draft]);
}
