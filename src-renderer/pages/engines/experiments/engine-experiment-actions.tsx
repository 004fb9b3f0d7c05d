import { Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import {
  api,
  type EngineExperiment,
  type EngineExperimentResult,
} from '../../../../common/contracts/index.ts';
import { ConfirmButton } from '../../../components/confirm-button.tsx';
import { useAct } from '../../../connection/use-call.ts';

const refresh = [api.engineExperiments.engineLedger];

/** Ends a running experiment: the champion stays, or the challenger takes its place. */
export function EngineExperimentActions(props: {
  readonly experiment: EngineExperiment;
  readonly result: EngineExperimentResult | undefined;
}) {
  const { experiment, result } = props;
  const { id, championName, challengerName } = experiment;
  const [reason, setReason] = useState('');
  const stop = useAct(api.engineExperiments.stopEngineExperiment, { quiet: true, refresh });
  const promote = useAct(api.engineExperiments.promoteEngine, { quiet: true, refresh });
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
            { params: { id }, body: reason.trim() === '' ? {} : { reason: reason.trim() } },
            { onSuccess: close },
          )
        }
      >
        <Text>
          {championName} plans for all its clusters from the next run on. What was compared stays here to
          read; the experiment itself cannot be resumed, but a new one can be started.
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
        title={`Use ${challengerName} from now on?`}
        confirmLabel="Promote the challenger"
        isBusy={promote.isPending}
        error={promote.error}
        onOpen={() => promote.reset()}
        onConfirm={close => promote.mutate({ params: { id } }, { onSuccess: close })}
      >
        {isDecided ? null : (
          <Text c="var(--co-risk-text)">
            ⚠ It is not decided that the challenger saves more. {result?.sentence}
          </Text>
        )}
        <Text>
          Every cluster that uses {championName} uses {challengerName} from its next run on, and the
          experiment ends. To go back, choose {championName} for a cluster on the page Engines.
        </Text>
      </ConfirmButton>
    </>
  );
}
