import { Badge, Checkbox, Group } from '@mantine/core';
import { Link } from 'wouter';
import type { ForecastSummary, Model } from '../../../common/contracts/index.ts';
import { formatBytes } from '../../../common/units/index.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { formatDay } from '../../components/time-text.ts';
import { pagePart } from '../../connection/api-path.ts';
import { errorAgainstPersistence } from './error-against-persistence.ts';
import { ErrorText } from './error-text.tsx';
import { versionName } from './model-order.ts';
import { ModelStateBadge, stateWords } from './model-state.tsx';

/** Tags that fit beside the other columns; the rest is counted. */
const TAGS_SHOWN = 2;

/** Columns of the versions of all models. `chosen` are the ids of those to be compared. */
export function versionColumns(
  summaries: ReadonlyMap<string, ForecastSummary>,
  chosen: readonly string[],
  onChoose: (id: string) => void,
): readonly TableColumn<Model>[] {
  return [
    {
      id: 'compare',
      header: 'Compare',
      value: model => (chosen.includes(model.id) ? 'chosen' : ''),
      cell: model => (
        <Checkbox
          size="xs"
          aria-label={`Compare ${versionName(model)}`}
          checked={chosen.includes(model.id)}
          onChange={() => onChoose(model.id)}
        />
      ),
    },
    {
      id: 'version',
      header: 'Version',
      value: versionName,
      cell: model => (
        <Link
          href={`/models/${pagePart(model.id)}`}
          aria-label={versionName(model)}
          style={{ fontWeight: 600 }}
        >
          {model.manifest.version}
        </Link>
      ),
    },
    {
      id: 'state',
      header: 'State',
      value: stateWords,
      cell: model => <ModelStateBadge model={model} />,
    },
    {
      id: 'trained',
      header: 'Trained until',
      value: model => new Date(model.trainedUntilMs).toISOString().slice(0, 10),
      cell: model => formatDay(model.trainedUntilMs),
    },
    {
      id: 'gap',
      header: 'Gap, days',
      align: 'right',
      value: model => Math.round(model.gapDays),
    },
    {
      id: 'error',
      header: 'Against persistence',
      align: 'right',
      value: model => {
        const error = errorAgainstPersistence(summaries.get(model.id));
        return error.kind === 'measured' ? Number(error.percent.toPrecision(3)) : null;
      },
      cell: model => <ErrorText summary={summaries.get(model.id)} />,
    },
    {
      id: 'file',
      header: 'File',
      value: model => `${model.format}, ${formatBytes(model.original.bytes)}`,
    },
    {
      id: 'tags',
      header: 'Tags',
      value: model => model.tags.join(', '),
      cell: model => <Tags tags={model.tags} />,
    },
    {
      id: 'uploaded',
      header: 'Uploaded',
      value: model => model.uploadedAt,
      cell: model => <RelativeTime at={model.uploadedAt} />,
    },
    { id: 'notes', header: 'Notes', value: model => model.notes, hidden: true },
    {
      id: 'horizon',
      header: 'Horizon in hours',
      align: 'right',
      value: model => model.manifest.horizonHours,
      hidden: true,
    },
    {
      id: 'regions',
      header: 'Regions',
      value: model => model.manifest.scope.regions.join(', '),
      hidden: true,
    },
    { id: 'id', header: 'Id', value: model => model.id, hidden: true },
  ];
}

function Tags({ tags }: { readonly tags: readonly string[] }) {
  const more = tags.length - TAGS_SHOWN;
  return (
    <Group gap={4} wrap="nowrap" miw="max-content">
      {tags.slice(0, TAGS_SHOWN).map(tag => (
        <Badge key={tag} size="sm" variant="default" tt="none" fw={500} maw={110} style={{ flex: 'none' }}>
          {tag}
        </Badge>
      ))}
      {more > 0 ? `+${more}` : null}
    </Group>
  );
}
