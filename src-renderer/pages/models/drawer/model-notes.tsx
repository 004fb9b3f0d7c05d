import { Button, Group, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { api, type Model } from '../../../../common/contracts/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import { useAct } from '../../../connection/use-call.ts';
import { DetailPart } from './detail-part.tsx';

/** As many as the server takes. */
const MOST_LETTERS = 10_000;

/** What people noted about a version, and how they change it. */
export function ModelNotes({ model }: { readonly model: Model }) {
  const [text, setText] = useState<string>();
  const annotate = useAct(api.models.annotateModel, { quiet: true, onDone: () => setText(undefined) });
  const save = () => annotate.mutate({ params: { id: model.id }, body: { notes: text ?? '' } });
  const edit = () => {
    annotate.reset();
    setText(model.notes);
  };
  const label = model.notes === '' ? 'Add a note' : 'Edit the note';
  return (
    <DetailPart
      title="Notes"
      aside={
        text === undefined ? (
          <RoleButton needs="operator" size="xs" variant="default" label={label} onClick={edit} />
        ) : null
      }
    >
      {text === undefined ? (
        <Text
          c={model.notes === '' ? 'dimmed' : ''}
          style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
        >
          {model.notes === '' ? 'Nobody has noted anything about it.' : model.notes}
        </Text>
      ) : (
        <div style={{ display: 'grid', gap: 10 }}>
          <Textarea
            aria-label="Notes"
            description="Ctrl Enter saves"
            inputWrapperOrder={['input', 'description', 'error']}
            autosize
            minRows={3}
            maxRows={14}
            maxLength={MOST_LETTERS}
            autoFocus
            value={text}
            onChange={event => setText(event.currentTarget.value)}
            onKeyDown={event => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
              if (event.key !== 'Escape') return;
              // Only the editor closes, not the drawer around it.
              event.stopPropagation();
              setText(undefined);
            }}
          />
          {annotate.error ? <ErrorState error={annotate.error} /> : null}
          <Group gap="xs">
            <Button size="xs" loading={annotate.isPending} onClick={save}>
              Save the note
            </Button>
            <Button size="xs" variant="default" onClick={() => setText(undefined)}>
              Cancel
            </Button>
          </Group>
        </div>
      )}
    </DetailPart>
  );
}
