import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { api, type ModelDraft } from '../../../../common/contracts/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { counted } from '../../../components/number-text.ts';
import { RoleButton } from '../../../components/role-button.tsx';
import { useAct } from '../../../connection/use-call.ts';
import { modelUploads, useModelUploads } from '../../../connection/use-model-uploads.ts';
import { DraftFacts } from './draft-facts.tsx';
import { FeatureFields } from './feature-fields.tsx';
import { keepValues, keptValues } from './kept-values.ts';
import {
  type FieldProblem,
  type ManifestValues,
  manifestOf,
  problemAt,
  problemsOfSaid,
  problemsOfValues,
} from './manifest-values.ts';
import { MeaningFields } from './meaning-fields.tsx';
import { OutputFields } from './output-fields.tsx';
import { ScopeFields } from './scope-fields.tsx';
import { useKnownFeatures } from './use-known-features.ts';

/** Details of a refused manifest. */
interface Refusal {
  readonly problems?: readonly FieldProblem[];
  readonly unknownFeatures?: readonly { readonly name: string; readonly nearMatches: readonly string[] }[];
}

/** Asks for what an uploaded file does not say of itself, then takes it in. */
export function ManifestDialog({
  draftId,
  onClose,
}: {
  readonly draftId: string;
  readonly onClose: () => void;
}) {
  const upload = useModelUploads().find(each => each.phase === 'draft' && each.draft.id === draftId);
  return (
    <Modal
      opened
      onClose={onClose}
      title="What is this model for?"
      size={820}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {upload?.phase === 'draft' ? (
        <ManifestForm key={draftId} uploadId={upload.id} draft={upload.draft} onClose={onClose} />
      ) : (
        <Stack>
          <Text>No upload waits under this address: it was taken in or discarded, or its hour is over.</Text>
          <Group justify="flex-end">
            <Button onClick={onClose}>Back to the models</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

function ManifestForm(props: {
  readonly uploadId: number;
  readonly draft: ModelDraft;
  readonly onClose: () => void;
}) {
  const { uploadId, draft, onClose } = props;
  const [values, setValues] = useState(() => keptValues(draft));
  const [refusals, setRefusals] = useState<readonly FieldProblem[]>(() => problemsOfSaid(draft));
  const [nearMatches, setNearMatches] = useState<ReadonlyMap<string, readonly string[]>>(
    () => new Map(draft.columns.map(({ name, nearMatches: near }) => [name, near])),
  );
  const [hasTried, setTried] = useState(false);
  const known = useKnownFeatures(draft);
  const register = useAct(api.models.registerDraft, { quiet: true });
  const discard = useAct(api.models.discardDraft);
  const end = (done: () => void) => {
    keepValues(draft.id, undefined);
    onClose();
    done();
  };
  const own = problemsOfValues(values, Date.now(), draft.suggestion);
  // The own sentence is the fresher one: what the server said was about what was sent to it.
  const problems = [...(hasTried ? own : []), ...refusals];
  const change = (next: Partial<ManifestValues>) => {
    const changed = { ...values, ...next };
    setValues(changed);
    keepValues(draft.id, changed);
    setRefusals(refusals.filter(({ field }) => !isTouched(field, values, changed)));
  };
  const part = { values, problem: (field: string) => problemAt(problems, field), onChange: change };
  const submit = () => {
    setTried(true);
    if (own.length > 0) return;
    register.mutate(
      { params: { id: draft.id }, body: { manifest: manifestOf(values, draft.suggestion) } },
      {
        onSuccess: model => end(() => modelUploads.takenIn(draft.id, model)),
        onError: error => {
          const { problems: refused = [], unknownFeatures = [] } = (error.details ?? {}) as Refusal;
          setRefusals(refused);
          const found = unknownFeatures.map(({ name, nearMatches: near }) => [name, near] as const);
          setNearMatches(new Map([...nearMatches, ...found]));
        },
      },
    );
  };
  return (
    <form
      noValidate
      aria-label="Manifest"
      onSubmit={event => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="lg">
        <DraftFacts draft={draft} />
        <MeaningFields {...part} />
        <FeatureFields
          columns={draft.columns}
          names={values.features}
          known={known}
          nearMatches={nearMatches}
          problems={problems}
          onChange={features => change({ features })}
        />
        <OutputFields {...part} />
        <ScopeFields {...part} />
        {register.error ? <ErrorState error={register.error} /> : null}
        <Group justify="space-between" className="co-form-end">
          <RoleButton
            needs="operator"
            label="Discard upload"
            variant="default"
            loading={discard.isPending}
            onClick={() =>
              discard.mutate(
                { params: { id: draft.id } },
                { onSuccess: () => end(() => modelUploads.dismiss(uploadId)) },
              )
            }
          />
          <Group gap="sm">
            {hasTried && own.length > 0 ? (
              <Text size="sm" c="var(--co-risk-text)" role="status">
                {counted(own.length, 'field')} to complete
              </Text>
            ) : null}
            <RoleButton needs="operator" label="Take it in" loading={register.isPending} onClick={submit} />
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

/** Whether a field that the server refused holds something else now. */
function isTouched(field: string, before: ManifestValues, after: ManifestValues): boolean {
  const at = (values: ManifestValues) =>
    field.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], {
      ...values,
      scope: values,
    });
  return at(before) !== at(after);
}
