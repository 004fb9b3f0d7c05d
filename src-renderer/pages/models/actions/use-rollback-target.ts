import { api, type Model } from '../../../../common/contracts/index.ts';
import { useRead } from '../../../connection/use-call.ts';

/** Where a rollback of a champion leads: a version, `null` when there is none before it, `undefined` while unknown. */
export function useRollbackTarget(champion: Model | undefined): string | null | undefined {
  const activations = useRead(
    api.models.getModel,
    { params: { id: champion?.id ?? '' } },
    { enabled: champion !== undefined },
  ).data?.activations;
  const madeAt = activations?.findLast(({ kind }) => kind === 'activated')?.at;
  // Who served just before this one was made champion is whom a rollback makes champion again.
  const before = useRead(
    api.models.activeModel,
    { query: { task: champion?.manifest.task, at: (madeAt ?? 1) - 1 } },
    { enabled: madeAt !== undefined },
  ).data;
  if (champion === undefined) return null;
  return before?.modelId;
}
