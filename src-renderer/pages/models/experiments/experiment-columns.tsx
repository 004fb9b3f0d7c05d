import { Text } from '@mantine/core';
import { Link } from 'wouter';
import type { Experiment, Model } from '../../../../common/contracts/index.ts';
import { actorName } from '../../../components/actor-name.ts';
import { modeName, outcomeBadge, outcomeWords } from '../../../components/experiments/outcome-words.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { ToneBadge } from '../../../components/tone-badge.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { pairName } from './experiment-words.ts';

/** Columns of a list of experiments. */
export function experimentColumns(models: ReadonlyMap<string, Model>): readonly TableColumn<Experiment>[] {
  return [
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
      value: experiment => pairName(experiment, models),
      cell: experiment => (
        <Text inherit lineClamp={2}>
          <Link href={`/models/experiments/${pagePart(experiment.id)}`} style={{ fontWeight: 600 }}>
            {pairName(experiment, models)}
          </Link>
        </Text>
      ),
    },
    { id: 'mode', header: 'How', value: modeName },
    {
      id: 'started',
      header: 'Started',
      value: experiment => experiment.startedAt,
      cell: experiment => <RelativeTime at={experiment.startedAt} />,
    },
    { id: 'by', header: 'By', value: experiment => actorName(experiment.startedBy) },
    {
      id: 'outcome',
      header: 'Outcome',
      value: outcomeWords,
    },
  ];
}
