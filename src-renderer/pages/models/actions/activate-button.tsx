import { api, type Model } from '../../../../common/contracts/index.ts';
import { RoleButton } from '../../../components/role-button.tsx';
import { useAct } from '../../../connection/use-call.ts';
import { whyNotServing } from '../model-readiness.ts';

/** Makes a version the champion of its task; says why where that cannot be. */
export function ActivateButton({ model }: { readonly model: Model }) {
  const activate = useAct(api.models.activateModel, {
    refresh: [api.models.getModel, api.models.activeModel],
  });
  return (
    <RoleButton
      needs="operator"
      label="Activate"
      variant={model.state === 'ready' ? 'filled' : 'default'}
      loading={activate.isPending}
      why={model.aliases.includes('champion') ? 'It is the active model already.' : whyNotServing(model)}
      onClick={() => activate.mutate({ body: { modelId: model.id } })}
    />
  );
}
