import {
  api,
  type EngineExperiment,
  type EngineExperimentResult,
} from '../../../../common/contracts/index.ts';
import { ExperimentEnding } from '../../../components/experiments/experiment-ending.tsx';
import { useAct } from '../../../connection/use-call.ts';

const refresh = [api.engineExperiments.engineLedger];

/** Ends a running experiment: the champion stays, or the challenger takes its place. */
export function EngineExperimentActions(props: {
  readonly experiment: EngineExperiment;
  readonly result: EngineExperimentResult | undefined;
}) {
  const { experiment, result } = props;
  const { id, championName, challengerName } = experiment;
  const stop = useAct(api.engineExperiments.stopEngineExperiment, { quiet: true, refresh });
  const promote = useAct(api.engineExperiments.promoteEngine, { quiet: true, refresh });
  if (experiment.endedAt !== null) return null;
  const isDecided = result?.verdict === 'challenger-better';
  return (
    <ExperimentEnding
      stop={{
        ...stop,
        text: `${championName} plans for all its clusters from the next run on.`,
        run: (body, close) => stop.mutate({ params: { id }, body }, { onSuccess: close }),
      }}
      promote={{
        ...promote,
        title: `Use ${challengerName} from now on?`,
        text: `Every cluster that uses ${championName} uses ${challengerName} from its next run on, and the experiment ends. To go back, choose ${championName} for a cluster on the page Engines.`,
        warning: isDecided
          ? undefined
          : `It is not decided that the challenger saves more. ${result?.sentence ?? ''}`,
        run: close => promote.mutate({ params: { id } }, { onSuccess: close }),
      }}
    />
  );
}
