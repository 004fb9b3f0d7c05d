import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { api, type ClusterSummary, type Engine, type EngineChoice } from '../../../common/contracts/index.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { useMay } from '../../connection/connection-context.ts';
import { useAct } from '../../connection/use-call.ts';
import { engineName, STANDARD_ENGINE } from './engine-name.ts';
import { firstValues, type ParameterValues, valueProblem } from './parameter-values.ts';

const EnginePreview = lazy(() => import('./engine-preview.tsx').then(m => ({ default: m.EnginePreview })));
const ParameterForm = lazy(() => import('./parameter-form.tsx').then(m => ({ default: m.ParameterForm })));

/** The engine of one cluster: which, with what parameters, and what it would do now. */
export function ClusterEngine(props: {
  readonly cluster: ClusterSummary;
  readonly engines: readonly Engine[];
  readonly choice: EngineChoice | undefined;
}) {
  const { cluster, engines, choice } = props;
  const chosenId = choice?.engineId ?? STANDARD_ENGINE;
  const [draft, setDraft] = useState<{ engineId: string; values: ParameterValues } | undefined>();
  const engineId = draft?.engineId ?? chosenId;
  const engine = engines.find(({ id }) => id === engineId);
  const properties = engine?.manifest?.parameters.properties ?? {};
  const values = draft?.values ?? firstValues(properties, choice?.parameters ?? {});
  const isSound = Object.entries(properties).every(
    ([name, schema]) => valueProblem(schema, values[name]) === undefined,
  );
  const mayChoose = useMay('operator');
  const choose = useAct(api.engines.chooseEngine, {
    onDone: () => setDraft(undefined),
    quiet: true,
    refresh: [api.engineExperiments.engineLedger],
  });
  const preview = useAct(api.engines.decide, { quiet: true });
  const pick = (id: string) => {
    const next = engines.find(one => one.id === id)?.manifest?.parameters.properties ?? {};
    preview.reset();
    choose.reset();
    setDraft({ engineId: id, values: firstValues(next, id === chosenId ? (choice?.parameters ?? {}) : {}) });
  };
  const reference = engine?.manifest ? `${engine.name}@${engine.manifest.version}` : (engine?.name ?? '');
  return (
    <Stack gap="md">
      <Group align="flex-end" gap="md">
        <Select
          label={`Engine of ${cluster.name}`}
          w={300}
          data={engines.map(one => ({
            value: one.id,
            label: engineName(one),
            disabled: one.state === 'faulty' && one.id !== chosenId,
          }))}
          value={engineId}
          allowDeselect={false}
          disabled={!mayChoose}
          onChange={id => id !== null && pick(id)}
        />
        <RoleButton
          needs="operator"
          label="Use from the next run on"
          loading={choose.isPending}
          why={whyNotSaved(draft !== undefined, isSound)}
          onClick={() => choose.mutate({ body: { clusterId: cluster.id, engineId, parameters: values } })}
        />
        <Button
          variant="default"
          loading={preview.isPending}
          disabled={!isSound || cluster.state !== 'live'}
          onClick={() =>
            preview.mutate({
              params: { engine: reference },
              body: { clusterId: cluster.id, parameters: values },
            })
          }
        >
          Preview
        </Button>
        <Text size="sm" c="dimmed" component="div" pb={8}>
          {cluster.state === 'live' ? null : 'Its agent is not connected. '}
          {choice ? (
            <>
              chosen by {choice.changedBy} <RelativeTime at={choice.changedAt} />
            </>
          ) : (
            `nothing was chosen: it uses ${STANDARD_ENGINE}`
          )}
        </Text>
      </Group>
      <Suspense fallback={<LoadingRows rows={1} />}>
        {Object.keys(properties).length === 0 ? null : (
          <ParameterForm
            properties={properties}
            values={values}
            isDisabled={!mayChoose}
            onChange={changed => setDraft({ engineId, values: changed })}
          />
        )}
      </Suspense>
      {choose.error ? <ErrorState error={choose.error} /> : null}
      {preview.error ? <ErrorState error={preview.error} /> : null}
      <Suspense fallback={<LoadingRows rows={2} />}>
        {preview.data ? <EnginePreview preview={preview.data} clusterName={cluster.name} /> : null}
      </Suspense>
    </Stack>
  );
}

function whyNotSaved(isChanged: boolean, isSound: boolean): string | undefined {
  if (!isChanged) return 'This is what the cluster uses already.';
  return isSound ? undefined : 'Correct the marked parameters first.';
}
