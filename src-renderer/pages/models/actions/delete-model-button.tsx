import { Text } from '@mantine/core';
import { api, type Model } from '../../../../common/contracts/index.ts';
import { ConfirmButton } from '../../../components/confirm-button.tsx';
import { useAct } from '../../../connection/use-call.ts';
import { versionName } from '../model-order.ts';

/** Removes a version that nothing refers to, after saying what goes. */
export function DeleteModelButton({
  model,
  onDeleted,
}: {
  readonly model: Model;
  readonly onDeleted: () => void;
}) {
  const remove = useAct(api.models.deleteModel, { quiet: true });
  const name = versionName(model);
  return (
    <ConfirmButton
      needs="operator"
      label="Delete"
      variant="default"
      why={model.aliases.length > 0 ? `It is ${model.aliases.join(' and ')} now.` : undefined}
      title={`Delete ${name}?`}
      confirmLabel="Delete this version"
      isBusy={remove.isPending}
      error={remove.error}
      onOpen={() => remove.reset()}
      onConfirm={close =>
        remove.mutate(
          { params: { id: model.id } },
          {
            onSuccess: () => {
              close();
              onDeleted();
            },
          },
        )
      }
    >
      <Text>
        Its files, its manifest, its notes and tags, and its predictions go. What it was active for stays in
        the ledger, so a version that ever served or was part of an experiment cannot be deleted.
      </Text>
      <Text>
        The file can be uploaded again later, under the same name and version. Download it first if you have
        no copy of it.
      </Text>
    </ConfirmButton>
  );
}
