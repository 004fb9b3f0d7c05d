import { Button, Group, Modal, NumberInput, Radio, Select, Slider, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api, type Engine } from '../../../../common/contracts/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { formatPercent } from '../../../components/number-text.ts';
import { RoleButton } from '../../../components/role-button.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { useAct } from '../../../connection/use-call.ts';
import { engineName } from '../engine-name.ts';
import { ParameterForm } from '../parameter-form.tsx';
import { firstValues, valueProblem } from '../parameter-values.ts';
import { EngineGuardrailFields } from './engine-guardrail-fields.tsx';
import { type EngineOrderValues, engineOrderOf, INITIAL_ENGINE_ORDER } from './engine-order-values.ts';

/** Asks how to hold an engine against the one that clusters use, and starts that. */
export function StartEngineExperiment(props: {
  readonly engines: readonly Engine[];
  readonly used: readonly string[];
  readonly onClose: () => void;
}) {
  const { engines, used, onClose } = props;
  const [, go] = useLocation();
  const [values, setValues] = useState<EngineOrderValues>({
    ...INITIAL_ENGINE_ORDER,
    championId: used[0] ?? null,
  });
  const change = (next: Partial<EngineOrderValues>) => setValues({ ...values, ...next });
  const start = useAct(api.engineExperiments.startEngineExperiment, {
    quiet: true,
    refresh: [api.engineExperiments.engineLedger],
    onDone: ({ id }) => go(`/engines/experiments/${pagePart(id)}`),
  });
  const propertiesOf = (id: string | null) =>
    engines.find(one => one.id === id)?.manifest?.parameters.properties ?? {};
  const properties = propertiesOf(values.challengerId);
  const isSound = Object.entries(properties).every(
    ([name, schema]) => valueProblem(schema, values.parameters[name]) === undefined,
  );
  const order = engineOrderOf(values);
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
          Both engines are held against the same rules and prices, run by run. You may look at any time: the
          bounds hold for all looks together.
        </Text>
        <Select
          label="Champion"
          description="Clusters that use it take part"
          allowDeselect={false}
          value={values.championId}
          onChange={championId => change({ championId })}
          data={engines
            .filter(({ id }) => used.includes(id))
            .map(engine => ({ value: engine.id, label: engineName(engine) }))}
        />
        <Select
          label="Challenger"
          searchable
          allowDeselect={false}
          value={values.challengerId}
          onChange={challengerId =>
            change({ challengerId, parameters: firstValues(propertiesOf(challengerId), {}) })
          }
          data={engines.map(engine => ({
            value: engine.id,
            label: engineName(engine),
            disabled: engine.id === values.championId || engine.state === 'faulty',
          }))}
        />
        {Object.keys(properties).length === 0 ? null : (
          <ParameterForm
            properties={properties}
            values={values.parameters}
            isDisabled={false}
            onChange={parameters => change({ parameters })}
          />
        )}
        <Radio.Group
          label="What the challenger does"
          value={values.mode}
          onChange={mode => change({ mode: mode as EngineOrderValues['mode'] })}
        >
          <Stack gap={8} mt={6}>
            <Radio
              value="shadow"
              label="Shadow (recommended)"
              description="After each run it is asked about the same state. Only figures of its plans are kept: nothing of it is offered or carried out."
            />
            <Radio
              value="ab"
              label="A/B"
              description="It plans for a share of the clusters, and each stays on its side. Figures are shown, but no verdict: the sides differ by their clusters, too."
            />
          </Stack>
        </Radio.Group>
        {values.mode === 'ab' ? (
          <div>
            <Text size="sm" fw={500} mb={4} id="challenger-clusters">
              Share of the clusters that it plans for: {formatPercent(values.sharePercent)}
            </Text>
            <Slider
              aria-labelledby="challenger-clusters"
              thumbProps={{ 'aria-labelledby': 'challenger-clusters' }}
              min={5}
              max={95}
              step={5}
              label={null}
              value={values.sharePercent}
              onChange={sharePercent => change({ sharePercent })}
            />
          </div>
        ) : (
          <NumberInput
            label="Chance of a false verdict, in %"
            description="Smaller is surer and takes longer; 5 is usual"
            min={0.1}
            max={20}
            value={values.alphaPercent}
            onChange={value => change({ alphaPercent: Number(value) })}
          />
        )}
        <EngineGuardrailFields values={values} onChange={change} />
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
                : `Start with ${formatPercent(values.sharePercent)} of the clusters`
            }
            loading={start.isPending}
            why={whyNot(values, isSound)}
            onClick={() => order && start.mutate({ body: order })}
          />
        </Group>
      </Stack>
    </Modal>
  );
}

function whyNot(values: EngineOrderValues, isSound: boolean): string | undefined {
  if (values.challengerId === null) return 'Choose the engine to compare.';
  if (values.challengerId === values.championId) return 'Choose another engine than the champion.';
  return isSound ? undefined : 'Correct the marked parameters first.';
}
