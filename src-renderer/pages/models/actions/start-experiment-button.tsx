import { useLocation } from 'wouter';
import type { Experiment, Model } from '../../../../common/contracts/index.ts';
import { RoleButton } from '../../../components/role-button.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { whyNotChallenger } from '../model-readiness.ts';

/** Opens the dialog that starts an experiment with a version as challenger. */
export function StartExperimentButton(props: {
  readonly model: Model;
  readonly models: readonly Model[];
  readonly experiments: readonly Experiment[];
}) {
  const [, go] = useLocation();
  const { model, models, experiments } = props;
  return (
    <RoleButton
      needs="operator"
      label="Start experiment…"
      variant="default"
      why={whyNotChallenger(model, models, experiments)}
      onClick={() => go(`/models?experiment=new&challenger=${pagePart(model.id)}`)}
    />
  );
}
