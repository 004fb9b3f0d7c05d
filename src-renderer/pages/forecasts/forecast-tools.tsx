import { Select } from '@mantine/core';
import { api, type Model } from '../../../common/contracts/index.ts';
import { RoleButton } from '../../components/role-button.tsx';
import { useAct } from '../../connection/use-call.ts';

/** Which model, and a new prediction of it. */
export function ForecastTools({
  model,
  models,
  isRunning,
  onChoose,
}: {
  readonly model: Model;
  readonly models: readonly Model[];
  readonly isRunning: boolean;
  readonly onChoose: (id: string) => void;
}) {
  const evaluate = useAct(api.forecasts.evaluateModel, { refresh: [api.forecasts.forecastSeries] });
  return (
    <>
      <Select
        aria-label="Model"
        w={250}
        allowDeselect={false}
        value={model.id}
        onChange={value => value !== null && onChoose(value)}
        data={models.map(({ id, manifest }) => ({
          value: id,
          label: `${manifest.name} ${manifest.version}`,
        }))}
      />
      <RoleButton
        needs="operator"
        variant="default"
        label="Predict and compare"
        loading={evaluate.isPending || isRunning}
        onClick={() => evaluate.mutate({ body: { modelId: model.id } })}
      />
    </>
  );
}
