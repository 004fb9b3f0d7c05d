import { Button, Select } from '@mantine/core';
import { Link } from 'wouter';
import { api, type Model } from '../../../common/contracts/index.ts';
import { RoleButton } from '../../components/role-button.tsx';
import { useAct } from '../../connection/use-call.ts';

const TASKS = [
  ['spot-price', 'Spot price'],
  ['interruption', 'Interruption'],
] as const;

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
        w={270}
        allowDeselect={false}
        value={model.id}
        onChange={value => value !== null && onChoose(value)}
        data={TASKS.map(([task, group]) => ({
          group,
          items: models
            .filter(({ manifest }) => manifest.task === task)
            .map(({ id, manifest, aliases }) => ({
              value: id,
              label: `${manifest.name} ${manifest.version}${aliases.includes('champion') ? ', champion' : ''}`,
            })),
        })).filter(({ items }) => items.length > 0)}
      />
      <Button component={Link} href="/forecasts/backtests" variant="default">
        Evaluation on past prices
      </Button>
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
