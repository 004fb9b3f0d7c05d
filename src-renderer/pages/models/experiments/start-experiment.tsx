import { Button, Group, Modal, NumberInput, Radio, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api, type Experiment, type Model } from '../../../../common/contracts/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { formatPercent } from '../../../components/number-text.ts';
import { RoleButton } from '../../../components/role-button.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { useAct } from '../../../connection/use-call.ts';
import { byImportance, versionName } from '../model-order.ts';
import { whyNotChallenger } from '../model-readiness.ts';
import { unitWords } from './experiment-words.ts';
import { GuardrailFields } from './guardrail-fields.tsx';
import { experimentOrderOf, INITIAL_ORDER, type OrderValues } from './order-values.ts';
import { SplitFields } from './split-fields.tsx';

/** Asks how to hold a version against the champion, and starts that. */
export function StartExperiment(props: {
  readonly models: readonly Model[];
  readonly experiments: readonly Experiment[];
  /** Id of the version that was chosen already. */
  readonly challengerId: string | null;
  readonly onClose: () => void;
}) {
  const { models, experiments, onClose } = props;
  const [, go] = useLocation();
  const [values, setValues] = useState<OrderValues>({ ...INITIAL_ORDER, challengerId: props.challengerId });
  const change = (next: Partial<OrderValues>) => setValues({ ...values, ...next });
  const start = useAct(api.experiments.startExperiment, {
    quiet: true,
    refresh: [api.models.getModel],
    onDone: ({ id }) => go(`/models/experiments/${pagePart(id)}`),
  });
  const chosen = models.find(({ id }) => id === values.challengerId);
  const why = chosen ? whyNotChallenger(chosen, models, experiments) : 'Choose the version to compare.';
  const order = experimentOrderOf(values);
  return (
    <Modal
      opened
      onClose={onClose}
      title="Start an experiment"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text c="dimmed">
          Both versions predict from now on, and their errors are compared as prices come in. You may look at
          any time: the bounds hold for all looks together.
        </Text>
        <Select
          label="Challenger"
          description="Compared with the champion of its task"
          searchable
          allowDeselect={false}
          value={values.challengerId}
          onChange={challengerId => change({ challengerId })}
          data={models.toSorted(byImportance).map(model => ({
            value: model.id,
            label: versionName(model),
            disabled: whyNotChallenger(model, models, experiments) !== undefined,
          }))}
          error={chosen && why}
        />
        <Radio.Group
          label="What the challenger does"
          value={values.mode}
          onChange={mode => change({ mode: mode as OrderValues['mode'] })}
        >
          <Stack gap={8} mt={6}>
            <Radio
              value="shadow"
              label="Shadow (recommended first)"
              description="It predicts and is compared, and decides nothing. No cluster notices."
            />
            <Radio
              value="ab"
              label="A/B"
              description="It serves a share of clusters or workloads: their decisions use its predictions, and each stays on its side."
            />
          </Stack>
        </Radio.Group>
        {values.mode === 'ab' ? <SplitFields values={values} onChange={change} /> : null}
        <NumberInput
          label="Chance of a false verdict, in %"
          description="Smaller is surer and takes longer; 5 is usual"
          min={0.1}
          max={20}
          value={values.alphaPercent}
          onChange={value => change({ alphaPercent: Number(value) })}
        />
        <GuardrailFields values={values} onChange={change} />
        {start.error ? <ErrorState error={start.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <RoleButton
            needs="operator"
            label={
              values.mode === 'shadow'
                ? 'Start in shadow'
                : `Start with ${formatPercent(values.sharePercent)} of ${unitWords(values.unit)}`
            }
            loading={start.isPending}
            why={why}
            onClick={() => order && start.mutate({ body: order })}
          />
        </Group>
      </Stack>
    </Modal>
  );
}
