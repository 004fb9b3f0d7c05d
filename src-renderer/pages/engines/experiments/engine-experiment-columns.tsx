import { Link } from 'wouter';
import type { EngineExperiment } from '../../../../common/contracts/index.ts';
import { modeName, outcomeBadge, outcomeWords } from '../../../components/experiments/outcome-words.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { ToneBadge } from '../../../components/tone-badge.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { enginePair } from './engine-experiment-words.ts';

/** Columns of the list of experiments between engines. */
export const engineExperimentColumns: readonly TableColumn<EngineExperiment>[] = [
  {
    id: 'state',
    header: 'State',
    value: experiment => outcomeBadge(experiment).text,
    cell: experiment => {
      const { tone, text } = outcomeBadge(experiment);
      return <ToneBadge tone={tone}>{text}</ToneBadge>;
    },
  },
  {
    id: 'pair',
    header: 'Challenger against champion',
    grows: true,
    value: enginePair,
    cell: experiment => (
      <Link href={`/engines/experiments/${pagePart(experiment.id)}`} style={{ fontWeight: 600 }}>
        {enginePair(experiment)}
      </Link>
    ),
  },
  { id: 'mode', header: 'How', value: modeName },
  {
    id: 'started',
    header: 'Started',
    value: experiment => experiment.startedAt,
    cell: experiment => <RelativeTime at={experiment.startedAt} />,
  },
  { id: 'by', header: 'By', value: experiment => experiment.startedBy },
  { id: 'outcome', header: 'Outcome', value: outcomeWords },
];
