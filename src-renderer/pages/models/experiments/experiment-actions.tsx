import { api, type Experiment, type ExperimentResult } from '../../../../common/contracts/index.ts';
import { ExperimentEnding } from '../../../components/experiments/experiment-ending.tsx';
import { useAct } from '../../../connection/use-call.ts';

/** Ends a running experiment: the champion stays, or the challenger takes its place. */
export function ExperimentActions(props: {
  readonly experiment: Experiment;
  readonly result: ExperimentResult | undefined;
  readonly challengerName: string;
  readonly championName: string;
}) {
  const { experiment, result, challengerName, championName } = props;
  const stop = useAct(api.experiments.stopExperiment, { quiet: true, refresh: [api.models.getModel] });
  const promote = useAct(api.models.activateModel, {
    quiet: true,
    refresh: [api.models.getModel, api.models.activeModel],
  });
  if (experiment.endedAt !== null) return null;
  const isDecided = result?.verdict === 'challenger-better';
  return (
    <ExperimentEnding
      stop={{
        ...stop,
        text: `${championName} goes on serving everywhere.`,
        run: (body, close) => stop.mutate({ params: { id: experiment.id }, body }, { onSuccess: close }),
      }}
      promote={{
        ...promote,
        title: `Make ${challengerName} champion?`,
        text: `${challengerName} is loaded and checked, then serves every cluster, and the experiment ends. If that fails, ${championName} goes on serving. One click on “Roll back” undoes it.`,
        warning: isDecided
          ? undefined
          : `It is not decided yet that the challenger is better. ${result?.sentence ?? ''}`,
        run: close => promote.mutate({ body: { modelId: experiment.challengerId } }, { onSuccess: close }),
      }}
    />
  );
}
