import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { api, type PolicyRevision } from '../../../common/contracts/index.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { counted } from '../../components/number-text.ts';
import { RoleButton } from '../../components/role-button.tsx';
import { toApiError } from '../../connection/api-error.ts';
import { useAct } from '../../connection/use-call.ts';
import type { PolicyDraft } from './use-policy-draft.ts';

const YamlDiff = lazy(() => import('../../components/yaml-diff.tsx').then(m => ({ default: m.YamlDiff })));

/** What is changed and not saved: stays in sight below the page, leads to the diff and then to the save. */
export function SaveBar(props: {
  readonly saved: PolicyRevision;
  readonly shown: PolicyRevision;
  readonly name: string;
  readonly draft: PolicyDraft;
}) {
  const { draft, saved } = props;
  const [isOpen, setOpen] = useState(false);
  const { content, preview, previewError, isStale } = draft;
  if (content === undefined) return null;
  const problems = preview?.problems.length ?? 0;
  const why = previewError
    ? 'The text is neither YAML nor JSON.'
    : problems > 0
      ? `Correct ${counted(problems, 'problem')} first.`
      : isStale || !preview
        ? 'It is being checked.'
        : undefined;
  return (
    <section className="co-policy-save" aria-label="Changes that are not saved">
      <Text size="sm">
        {why === undefined
          ? `Changed from revision ${draft.baseRevision}.`
          : (preview?.problems[0]?.text ?? why)}
        {draft.baseRevision !== saved.revision ? ` Meanwhile revision ${saved.revision} was saved.` : ''}
      </Text>
      <Group gap="xs" wrap="nowrap">
        <Button variant="default" onClick={draft.drop}>
          Drop the changes
        </Button>
        <RoleButton needs="operator" label="Review and save" why={why} onClick={() => setOpen(true)} />
      </Group>
      {isOpen && preview?.yaml ? (
        <SaveDialog
          {...props}
          yaml={preview.yaml}
          document={preview.document}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </section>
  );
}

interface Conflict {
  readonly saved: PolicyRevision;
}

function SaveDialog(props: {
  readonly saved: PolicyRevision;
  readonly shown: PolicyRevision;
  readonly name: string;
  readonly draft: PolicyDraft;
  readonly yaml: string;
  readonly document: unknown;
  readonly onClose: () => void;
}) {
  const { saved, shown, name, draft, yaml, document, onClose } = props;
  const [note, setNote] = useState('');
  const save = useAct(api.policies.savePolicy, { quiet: true });
  const conflict = conflictOf(save.error);
  const send = (baseRevision: number) =>
    save.mutate(
      {
        params: { scope: saved.scope },
        body: { document, baseRevision, ...(note.trim() === '' ? {} : { note }) },
      },
      {
        onSuccess: () => {
          draft.drop();
          onClose();
        },
      },
    );
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={conflict ? 'Somebody saved another version' : `Save the policy of ${name}?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {conflict ? (
        <Stack>
          <Text size="sm">{toApiError(save.error).message}</Text>
          <Text fw={600}>What they changed</Text>
          <Suspense fallback={<LoadingRows rows={4} />}>
            <YamlDiff
              label="What they changed"
              before={shown.revision === draft.baseRevision ? shown.yaml : ''}
              after={conflict.saved.yaml}
            />
          </Suspense>
          <Text fw={600}>From theirs to yours</Text>
          <Suspense fallback={<LoadingRows rows={4} />}>
            <YamlDiff label="From theirs to yours" before={conflict.saved.yaml} after={yaml} />
          </Suspense>
          <Group justify="flex-end">
            <Button
              variant="default"
              onClick={() => {
                draft.drop();
                onClose();
              }}
            >
              Take theirs, drop mine
            </Button>
            <Button
              loading={save.isPending}
              onClick={() => {
                draft.rebase(conflict.saved.revision);
                send(conflict.saved.revision);
              }}
            >
              Save mine as revision {conflict.saved.revision + 1}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Stack>
          <Suspense fallback={<LoadingRows rows={4} />}>
            <YamlDiff label="What changes" before={shown.yaml} after={yaml} />
          </Suspense>
          <EffectWords draft={draft} />
          <TextInput
            label="Note"
            description="Why; kept with the revision."
            maxLength={300}
            value={note}
            onChange={event => setNote(event.currentTarget.value)}
          />
          {save.error ? <ErrorState error={save.error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} data-autofocus>
              Not now
            </Button>
            <Button loading={save.isPending} onClick={() => send(draft.baseRevision)}>
              Save as revision {draft.baseRevision + 1}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

/** What the change does to plans that are there, in a sentence. */
function EffectWords({ draft: { preview } }: { readonly draft: PolicyDraft }) {
  const changed = (preview?.plans ?? []).filter(({ now, changed: then }) => now.verdict !== then.verdict);
  const starting = changed.filter(({ changed: then }) => then.verdict === 'starts').length;
  return (
    <Text size="sm" c="dimmed">
      {changed.length === 0
        ? 'It changes nothing for the plans that are there.'
        : `It changes what becomes of ${counted(changed.length, 'plan')}; ${starting === 0 ? 'none of them starts by it' : `${starting} may then start`}. The tab Windows and effect lists them.`}{' '}
      To undo, go back to the revision before it in the history.
    </Text>
  );
}

function conflictOf(error: unknown): Conflict | undefined {
  if (!error) return undefined;
  const { code, details } = toApiError(error);
  const saved = (details as Partial<Conflict> | undefined)?.saved;
  return code === 'resource.conflict' && saved ? { saved } : undefined;
}
