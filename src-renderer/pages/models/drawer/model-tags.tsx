import { Badge, Button, Group, TagsInput, Text } from '@mantine/core';
import { useState } from 'react';
import { api, type Model } from '../../../../common/contracts/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import { useAct } from '../../../connection/use-call.ts';
import { DetailPart } from './detail-part.tsx';

/** As many as the server takes. */
const MOST_TAGS = 20;

/** The tags of a version, and how they are changed. */
export function ModelTags({ model, known }: { readonly model: Model; readonly known: readonly string[] }) {
  const [tags, setTags] = useState<readonly string[]>();
  const annotate = useAct(api.models.annotateModel, { quiet: true, onDone: () => setTags(undefined) });
  const edit = () => {
    annotate.reset();
    setTags(model.tags);
  };
  return (
    <DetailPart
      title="Tags"
      aside={
        tags === undefined ? (
          <RoleButton needs="operator" size="xs" variant="default" label="Change tags" onClick={edit} />
        ) : null
      }
    >
      {tags === undefined ? (
        model.tags.length === 0 ? (
          <Text c="dimmed">It has no tags.</Text>
        ) : (
          <Group gap={6}>
            {model.tags.map(tag => (
              <Badge key={tag} variant="default" tt="none" fw={500}>
                {tag}
              </Badge>
            ))}
          </Group>
        )
      ) : (
        <div style={{ display: 'grid', gap: 10 }}>
          <TagsInput
            aria-label="Tags"
            description="Enter adds one; tags of other versions are offered"
            inputWrapperOrder={['input', 'description', 'error']}
            maxTags={MOST_TAGS}
            data={[...known]}
            autoFocus
            value={[...tags]}
            onChange={setTags}
          />
          {annotate.error ? <ErrorState error={annotate.error} /> : null}
          <Group gap="xs">
            <Button
              size="xs"
              loading={annotate.isPending}
              onClick={() => annotate.mutate({ params: { id: model.id }, body: { tags: [...tags] } })}
            >
              Save the tags
            </Button>
            <Button size="xs" variant="default" onClick={() => setTags(undefined)}>
              Cancel
            </Button>
          </Group>
        </div>
      )}
    </DetailPart>
  );
}
