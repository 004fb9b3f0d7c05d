import { Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { api, type Experiment, type ExperimentResult } from '../../../../common/contracts/index.ts';
import { ConfirmButton } from '../../../components/confirm-button.tsx';
import { useAct } from '../../../connection/use-call.ts';

/** Ends a running experiment: the champion stays, or the challenger takes its place. */
export function ExperimentActions(props: {
  readonly experiment: Experiment;
  readonly result: ExperimentResult | undefined;
  readonly challengerName: string;
  readonly championName: string;
}) {
  const { experiment, result, challengerName, championName } = props;
  const [reason, setReason] = useState('');
  const stop = useAct(api.experiments.stopExperiment, { quiet: true, refresh: [api.models.getModel] });
  const promote = useAct(api.models.activateModel, {
    quiet: true,
    refresh: [api.models.getModel, api.models.activeModel],
  });
  if (experiment.endedAt !== null) return null;
  const isDecided = result?.verdict === 'challenger-better';
  return (
    <>
      <ConfirmButton
        needs="operator"
        label="Stop experiment"
        variant="default"
        title="Stop the experiment?"
        confirmLabel="Stop the experiment"
        isBusy={stop.isPending}
        error={stop.error}
        onOpen={() => stop.reset()}
        onConfirm={close =>
          stop.mutate(
            { params: { id: experiment.id }, body: reason.trim() === '' ? {} : { reason: reason.trim() } },
            { onSuccess: close },
          )
        }
      >
        <Text>
          {championName} goes on serving everywhere. What was compared stays here to read; the experiment
          itself cannot be resumed, but a new one can be started.
        </Text>
        <Textarea
          label="Why (optional)"
          maxLength={500}
          autosize
          value={reason}
          onChange={event => setReason(event.currentTarget.value)}
        />
      </ConfirmButton>
      <ConfirmButton
        needs="operator"
        label="Promote challenger"
        variant={isDecided ? 'filled' : 'default'}
        title={`Make ${challengerName} champion?`}
        confirmLabel="Promote the challenger"
        isBusy={promote.isPending}
        error={promote.error}
        onOpen={() => promote.reset()}
        onConfirm={close =>
          promote.mutate({ body: { modelId: experiment.challengerId } }, { onSuccess: close })
        }
      >
        {isDecided ? null : (
          <Text c="var(--co-risk-text)">
            ⚠ It is not decided yet that the challenger is better. {result?.sentence}
          </Text>
        )}
        <Text>
          {challengerName} is loaded and checked, then serves every cluster, and the experiment ends. If that
          fails, {championName} goes on serving. One click on “Roll back” undoes it.
        </Text>
      </ConfirmButton>
    </>
  );
}
