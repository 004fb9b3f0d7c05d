import { api, type Model } from '../../../../common/contracts/index.ts';
import { RoleButton } from '../../../components/role-button.tsx';
import { useAct } from '../../../connection/use-call.ts';
import { versionName } from '../model-order.ts';
import { useRollbackTarget } from './use-rollback-target.ts';

/** Makes the champion before the present one champion again, in one click that says which one that is. */
export function RollBackButton({
  champion,
  models,
}: {
  readonly champion: Model | undefined;
  readonly models: readonly Model[];
}) {
  const rollback = useAct(api.models.rollbackModel, {
    refresh: [api.models.getModel, api.models.activeModel],
  });
  const targetId = useRollbackTarget(champion);
  const target = models.find(({ id }) => id === targetId);
  const why =
    champion === undefined
      ? 'No model is champion, so there is none to go back from.'
      : targetId === null
        ? 'No model was champion before this one. Activate another version instead.'
        : undefined;
  return (
    <RoleButton
      needs="operator"
      variant="default"
      label={target ? `Roll back to ${versionName(target)}` : 'Roll back'}
      maw={340}
      loading={rollback.isPending}
      why={why}
      onClick={() => champion && rollback.mutate({ body: { task: champion.manifest.task } })}
    />
  );
}
