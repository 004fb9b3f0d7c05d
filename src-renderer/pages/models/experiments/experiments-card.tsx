import { useLocation } from 'wouter';
import type { Experiment, Model } from '../../../../common/contracts/index.ts';
import { Card } from '../../../components/card.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { whyNotChallenger } from '../model-readiness.ts';
import { experimentColumns } from './experiment-columns.tsx';

/** Experiments: the one that runs first, then how the others ended. */
export function ExperimentsCard(props: {
  readonly models: ReadonlyMap<string, Model>;
  readonly experiments: readonly Experiment[];
}) {
  const { models, experiments } = props;
  const [, go] = useLocation();
  const all = [...models.values()];
  const whyNot = all.map(model => whyNotChallenger(model, all, experiments));
  const start = (
    <RoleButton
      needs="operator"
      label="Start experiment…"
      size="xs"
      variant="default"
      why={whyNot.includes(undefined) ? undefined : mainReason(all, whyNot)}
      onClick={() => go('/models?experiment=new')}
    />
  );
  const sorted = experiments.toSorted(
    (a, b) => Number(b.endedAt === null) - Number(a.endedAt === null) || b.startedAt - a.startedAt,
  );
  return (
    <Card title="Experiments" padded={false} aside={start}>
      {sorted.length === 0 ? (
        <EmptyState
          title="No experiment yet"
          text="An experiment holds another version against the champion on what happens from now on: in shadow, where it only predicts, or serving a share of the clusters."
        />
      ) : (
        <DataTable
          label="Experiments"
          tools={sorted.length > 8}
          rows={sorted}
          rowKey={experiment => experiment.id}
          columns={experimentColumns(models)}
          onOpen={experiment => go(`/models/experiments/${pagePart(experiment.id)}`)}
          maxHeight={320}
        />
      )}
    </Card>
  );
}

/** Of many reasons why no version can be challenger, the one about a version that is not the champion. */
function mainReason(models: readonly Model[], reasons: readonly (string | undefined)[]): string {
  const at = models.findIndex(({ aliases, state }) => !aliases.includes('champion') && state !== 'rejected');
  return reasons[at] ?? 'It needs a second version of a model beside the champion: upload one.';
}
