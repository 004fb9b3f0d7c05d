import { Button, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { api, type Collection } from '../../../../common/contracts/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { useAct } from '../../../connection/use-call.ts';
import { AccessState } from '../fill/access-state.tsx';
import { ScopeFields, type ScopeValues } from '../scope-fields.tsx';

/** Adds a collection, or changes what one collects. */
export function CollectionDialog(props: {
  readonly edited: Collection | 'new' | undefined;
  readonly onClose: () => void;
}) {
  const { edited, onClose } = props;
  return (
    <Modal
      opened={edited !== undefined}
      onClose={onClose}
      title={edited === 'new' ? 'Add a collection' : 'What is collected'}
      size={680}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {edited === undefined ? null : <Form edited={edited} onClose={onClose} />}
    </Modal>
  );
}

function Form({ edited, onClose }: { readonly edited: Collection | 'new'; readonly onClose: () => void }) {
  const before = edited === 'new' ? undefined : edited;
  const [isOfModels, setOfModels] = useState(before?.scope === null);
  const [scope, setScope] = useState<ScopeValues>(
    before?.scope ?? { regions: [], instanceTypes: [], products: ['Linux/UNIX'] },
  );
  const done = { onDone: onClose, quiet: true, refresh: [api.market.listCollections] };
  const add = useAct(api.market.addCollection, done);
  const change = useAct(api.market.changeCollection, done);
  const act = before ? change : add;
  const problem = !isOfModels && scope.regions.length === 0 ? 'Name a region.' : undefined;
  const submit = () => {
    const body = isOfModels
      ? { models: true }
      : {
          scope: {
            regions: [...scope.regions],
            instanceTypes: [...scope.instanceTypes],
            products: [...scope.products],
          },
        };
    if (before) change.mutate({ params: { id: before.id }, body });
    else add.mutate({ body });
  };
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="What to collect"
        value={isOfModels ? 'models' : 'scope'}
        onChange={value => setOfModels(value === 'models')}
        data={[
          { value: 'scope', label: 'Regions and types' },
          { value: 'models', label: 'What all models need' },
        ]}
      />
      {isOfModels ? (
        <Text>
          The scopes of all models are followed, whichever models there are at the time of each run.
        </Text>
      ) : (
        <ScopeFields values={scope} onChange={next => setScope({ ...scope, ...next })} />
      )}
      <AccessState region={scope.regions[0]} />
      <Text size="sm" c="dimmed">
        It runs at once and then each hour, with the engine's AWS credentials. It can be switched off at any
        time.
      </Text>
      {act.error ? <ErrorState error={act.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
        <Button disabled={problem !== undefined} loading={act.isPending} onClick={submit}>
          {before ? 'Collect this instead' : 'Start to collect'}
        </Button>
      </Group>
    </Stack>
  );
}
