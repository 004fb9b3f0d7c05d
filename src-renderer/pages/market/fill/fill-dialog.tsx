import { Group, Modal, SegmentedControl, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { api } from '../../../../common/contracts/index.ts';
import { MS_PER_DAY } from '../../../../common/units/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import { useAct, useRead } from '../../../connection/use-call.ts';
import { useLive } from '../../../connection/use-live.ts';
import { ScopeFields } from '../scope-fields.tsx';
import { AccessState } from './access-state.tsx';
import { dayOf, emptyDraft, type FillDraft, problemOf, requestOf } from './fill-draft.ts';
import { FillEstimate } from './fill-estimate.tsx';

/** Asks for nothing while somebody types. */
const PAUSE_MS = 350;

/** Says what a fill would bring and what it takes, and starts it. */
export function FillDialog(props: {
  /** What it begins with. */
  readonly draft: Partial<FillDraft>;
  readonly onClose: () => void;
}) {
  const { draft, onClose } = props;
  return (
    <Modal
      opened
      onClose={onClose}
      title="Fill from EC2"
      size={760}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <FillForm initial={draft} onClose={onClose} />
    </Modal>
  );
}

function FillForm(props: { readonly initial: Partial<FillDraft>; readonly onClose: () => void }) {
  const { initial, onClose } = props;
  const [nowMs] = useState(() => Date.now());
  const [draft, setDraft] = useState(() => emptyDraft(nowMs, initial));
  const [isByModel, setByModel] = useState((initial.modelId ?? '') !== '');
  const [asked] = useDebouncedValue(draft, PAUSE_MS);
  const change = (next: Partial<FillDraft>) => setDraft({ ...draft, ...next });
  const problem =
    isByModel && draft.modelId === ''
      ? 'Choose a model.'
      : problemOf(isByModel ? draft : plain(draft), nowMs);
  const isSettled = asked === draft;
  const body = requestOf(isByModel ? asked : plain(asked), nowMs);
  const dryRun = useRead(
    api.market.analyzeGap,
    { body },
    { enabled: problem === undefined && isSettled, keepLast: true },
  );
  const fill = useAct(api.market.fillGap, { onDone: onClose, quiet: true });
  const gap = problem === undefined ? dryRun.data : undefined;
  const region = gap?.scope.regions[0] ?? draft.regions[0];
  const nothing = gap !== undefined && gap.fillableMs === 0;
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="What to fill"
        value={isByModel ? 'model' : 'scope'}
        onChange={value => setByModel(value === 'model')}
        data={[
          { value: 'scope', label: 'Regions and types' },
          { value: 'model', label: 'What a model needs' },
        ]}
      />
      {isByModel ? (
        <ModelField value={draft.modelId} onChange={modelId => change({ modelId })} />
      ) : (
        <>
          <ScopeFields values={draft} onChange={change} />
          <Group grow align="flex-start">
            <TextInput
              type="date"
              label="First day (UTC)"
              max={dayOf(nowMs)}
              value={draft.fromDay}
              onChange={event => change({ fromDay: event.currentTarget.value })}
            />
            <TextInput
              type="date"
              label="Last day (UTC), empty: now"
              max={dayOf(nowMs)}
              value={draft.toDay}
              onChange={event => change({ toDay: event.currentTarget.value })}
            />
            <SegmentedControl
              mt={25}
              aria-label="Days up to now"
              value={draft.toDay === '' ? presetOf(draft.fromDay, nowMs) : ''}
              onChange={days => change({ fromDay: dayOf(nowMs - Number(days) * MS_PER_DAY), toDay: '' })}
              data={PRESETS.map(days => ({ value: String(days), label: `${days} d` }))}
            />
          </Group>
          <Switch
            label="Ask again for days on disk, because of holes in them"
            description="What is on disk stays as it is; only missing records are added."
            checked={draft.again}
            onChange={event => change({ again: event.currentTarget.checked })}
          />
        </>
      )}
      <AccessState region={region} />
      <section aria-label="What the fill would do" aria-busy={dryRun.isFetching || !isSettled}>
        {problem !== undefined ? (
          <p style={{ margin: 0, color: 'var(--co-muted)' }}>{problem}</p>
        ) : dryRun.error ? (
          <ErrorState error={dryRun.error} onRetry={() => void dryRun.refetch()} />
        ) : gap === undefined ? (
          <LoadingRows rows={4} />
        ) : (
          <FillEstimate gap={gap} onAgain={() => change({ again: true })} isAgain={draft.again} />
        )}
      </section>
      {fill.error ? <ErrorState error={fill.error} /> : null}
      <Group justify="flex-end" className="co-form-end">
        <RoleButton
          needs="operator"
          label="Start filling"
          loading={fill.isPending}
          why={
            problem ??
            (gap === undefined || !isSettled
              ? 'The dry run is not done yet.'
              : nothing
                ? 'There is nothing that EC2 could fill.'
                : undefined)
          }
          onClick={() => fill.mutate({ body })}
        />
      </Group>
    </Stack>
  );
}

const PRESETS = [7, 30, 90] as const;

function presetOf(fromDay: string, nowMs: number): string {
  return String(PRESETS.find(days => dayOf(nowMs - days * MS_PER_DAY) === fromDay) ?? '');
}

function plain(draft: FillDraft): FillDraft {
  return { ...draft, modelId: '' };
}

function ModelField(props: { readonly value: string; readonly onChange: (id: string) => void }) {
  const { values } = useLive('models');
  const models = [...(values?.values() ?? [])];
  return (
    <Select
      label="Model"
      description="From what its features look back to before its training ended, until now"
      searchable
      value={props.value === '' ? null : props.value}
      onChange={id => props.onChange(id ?? '')}
      nothingFoundMessage="There is no such model."
      placeholder={models.length === 0 ? 'No model was uploaded yet' : 'Choose one'}
      data={models.map(({ id, manifest }) => ({ value: id, label: `${manifest.name} ${manifest.version}` }))}
    />
  );
}
