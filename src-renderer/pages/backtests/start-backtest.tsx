import {
  Button,
  Checkbox,
  Group,
  Modal,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../../common/contracts/index.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useAct } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { BASELINES, RISK_BASELINES } from './backtest-words.ts';
import {
  backtestOrderOf,
  INITIAL_ORDER,
  isBaseline,
  type OrderValues,
  type TestedTask,
  taskOf,
  whyNotTest,
} from './order-values.ts';
import { RecordingField } from './recording-field.tsx';

const STEPS = [
  { value: '15', label: 'every 15 minutes' },
  { value: '60', label: 'every hour' },
  { value: '180', label: 'every 3 hours' },
  { value: '1440', label: 'every day' },
];

/** Asks what to test on which time, and starts that. */
export function StartBacktest({
  modelId,
  onClose,
}: {
  /** Id of the version that was chosen already. */
  readonly modelId: string | null;
  readonly onClose: () => void;
}) {
  const [, go] = useLocation();
  const models = [...(useLive('models').values?.values() ?? [])];
  const [values, setValues] = useState<OrderValues>({ ...INITIAL_ORDER, modelId });
  const change = (next: Partial<OrderValues>) => setValues({ ...values, ...next });
  const start = useAct(api.backtests.startBacktest, {
    quiet: true,
    refresh: [api.backtests.listBacktests],
    onDone: ({ jobId }) => go(`/forecasts/backtests/${pagePart(jobId)}`),
  });
  const accepted = models.filter(({ verdict }) => verdict === 'accepted');
  const choices = (task: TestedTask) =>
    accepted
      .filter(({ manifest }) => manifest.task === task)
      .map(({ id, manifest }) => ({ value: id, label: `${manifest.name} ${manifest.version}` }));
  const risky = choices('interruption');
  const task = taskOf(
    values.modelId,
    risky.map(({ value }) => value),
  );
  const order = backtestOrderOf(values, task);
  return (
    <Modal
      opened
      onClose={onClose}
      title={task === 'interruption' ? 'Test a model on a recording' : 'Test a model on past prices'}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Select
          label="What to test"
          searchable
          allowDeselect={false}
          value={values.modelId}
          onChange={chosen => change({ modelId: chosen })}
          data={[
            { group: 'Models of prices', items: choices('spot-price') },
            { group: 'Models of interruptions', items: risky },
            { group: 'Prices without a model', items: [...BASELINES] },
            { group: 'Interruptions without a model', items: [...RISK_BASELINES] },
          ]}
        />
        {task === 'interruption' ? (
          <RecordingField
            onlyAvailable={values.onlyAvailable}
            onKept={({ sha256, name }) => change({ recording: { sha256, name } })}
            onOnlyAvailable={onlyAvailable => change({ onlyAvailable })}
          />
        ) : null}
        <SimpleGrid cols={2}>
          <TextInput
            type="date"
            label="From"
            description="Empty: from the end of its training, plus its horizon"
            value={values.from}
            onChange={event => change({ from: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label="To"
            description={task === 'interruption' ? 'Empty: to the end of the recording' : 'Empty: now'}
            value={values.to}
            onChange={event => change({ to: event.currentTarget.value })}
          />
          <Select
            label="Predict"
            data={STEPS}
            allowDeselect={false}
            value={String(values.stepMinutes)}
            onChange={step => change({ stepMinutes: Number(step) })}
          />
          {isBaseline(values.modelId) ? (
            <NumberInput
              label="Horizon, in hours"
              min={1}
              max={720}
              value={values.horizonHours}
              onChange={hours => change({ horizonHours: Number(hours) })}
            />
          ) : null}
        </SimpleGrid>
        <Checkbox
          label="Count times that the model may have seen in training, too"
          description="It then looks better than it is; the report says that it was lifted"
          checked={values.includeTrained}
          onChange={event => change({ includeTrained: event.currentTarget.checked })}
        />
        <WorthFields values={values} change={change} />
        <Text size="sm" c="dimmed">
          Nothing serves or decides differently while it runs. A model is only ever judged on what was known
          at the time.
        </Text>
        {start.error ? <ErrorState error={start.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <RoleButton
            needs="operator"
            label="Start the test"
            loading={start.isPending}
            why={whyNotTest(values, task)}
            onClick={() => order && start.mutate({ body: order })}
          />
        </Group>
      </Stack>
    </Modal>
  );
}

function WorthFields({
  values,
  change,
}: {
  readonly values: OrderValues;
  change(next: Partial<OrderValues>): void;
}) {
  return (
    <>
      <Checkbox
        label="Also say what it is worth in dollars"
        description="Jobs with a deadline run on Spot or on demand as each policy decides, beside the best in hindsight"
        checked={values.isWorthAsked}
        onChange={event => change({ isWorthAsked: event.currentTarget.checked })}
      />
      {values.isWorthAsked ? (
        <SimpleGrid cols={2}>
          <NumberInput
            label="Work of a job, in hours"
            min={1}
            max={720}
            value={values.workHours}
            onChange={hours => change({ workHours: Number(hours) })}
          />
          <NumberInput
            label="Time until its deadline, in hours"
            min={1}
            max={720}
            value={values.deadlineHours}
            onChange={hours => change({ deadlineHours: Number(hours) })}
          />
        </SimpleGrid>
      ) : null}
    </>
  );
}
