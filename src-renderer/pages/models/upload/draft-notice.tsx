import { Button, Group, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { ModelDraft } from '../../../../common/contracts/index.ts';
import { api } from '../../../../common/contracts/index.ts';
import { formatBytes } from '../../../../common/units/index.ts';
import { useNow } from '../../../components/now.ts';
import { counted } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import { toApiError } from '../../../connection/api-error.ts';
import { pagePart } from '../../../connection/api-path.ts';
import { useAct } from '../../../connection/use-call.ts';
import { modelUploads } from '../../../connection/use-model-uploads.ts';
import { formatWords } from '../format-words.ts';
import { problemsOfSaid, problemsOfValues, valuesOfDraft } from '../manifest-form/manifest-values.ts';

/** A sound file that waits for the rest of its manifest: what it is, what is missing, until when it waits. */
export function DraftNotice(props: {
  readonly id: number;
  readonly draft: ModelDraft;
  readonly error: unknown;
}) {
  const { id, draft, error } = props;
  const { fileName, bytes, columns, expiresAt } = draft;
  const refusal = error === undefined ? undefined : toApiError(error);
  const open = [...problemsOfValues(valuesOfDraft(draft), Date.now()), ...problemsOfSaid(draft)].length;
  const isGone = useNow() >= expiresAt;
  const discard = useAct(api.models.discardDraft, { onDone: () => modelUploads.dismiss(id) });
  if (isGone)
    return (
      <Group justify="space-between">
        <Text>
          <b>{fileName}</b> waited an hour for its manifest and was thrown away. Upload it again.
        </Text>
        <Button size="xs" variant="default" onClick={() => modelUploads.dismiss(id)}>
          Put away
        </Button>
      </Group>
    );
  return (
    <Group justify="space-between" align="flex-start" gap="md">
      <div style={{ flex: '1 1 420px', minWidth: 0 }}>
        <Text fw={600}>{fileName} is a sound model; say what it is for</Text>
        <Text size="sm" c="dimmed">
          It is {formatWords(draft)}, {formatBytes(bytes)}, {counted(columns.length, 'column')} ·{' '}
          {counted(open, 'field')} to complete · is thrown away <RelativeTime at={expiresAt} />
        </Text>
        {refusal === undefined || refusal.code === 'model.manifest-needed' ? null : (
          <Text size="sm" mt={4} lineClamp={3} c="var(--co-risk-text)">
            {refusal.message}
          </Text>
        )}
      </div>
      <Group gap="xs">
        <Button component={Link} href={`/models?draft=${pagePart(draft.id)}`}>
          Complete the manifest
        </Button>
        <RoleButton
          needs="operator"
          label="Discard upload"
          variant="default"
          loading={discard.isPending}
          onClick={() =>
            discard.mutate(
              { params: { id: draft.id } },
              // After a restart of the engine there is nothing left to discard.
              { onError: ({ code }) => code === 'resource.not-found' && modelUploads.dismiss(id) },
            )
          }
        />
      </Group>
    </Group>
  );
}
