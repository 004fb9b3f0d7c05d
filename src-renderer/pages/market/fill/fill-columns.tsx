import type { FillProgress } from '../../../../common/contracts/index.ts';
import { formatDuration } from '../../../../common/units/index.ts';
import { formatCount } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { formatDay } from '../../../components/time-text.ts';
import { type Tone, ToneBadge } from '../../../components/tone-badge.tsx';
import { scopeWords } from '../scope-words.ts';

const STATES: Readonly<Record<FillProgress['state'], readonly [Tone, string]>> = {
  queued: ['neutral', 'Waits'],
  running: ['busy', 'Running'],
  succeeded: ['good', 'Filled'],
  failed: ['risk', 'Failed'],
  cancelled: ['neutral', 'Stopped'],
};

/** Columns of fills that ran. */
export const fillColumns: readonly TableColumn<FillProgress>[] = [
  {
    id: 'state',
    header: 'State',
    value: fill => STATES[fill.state][1],
    cell: fill => <ToneBadge tone={STATES[fill.state][0]}>{STATES[fill.state][1]}</ToneBadge>,
  },
  { id: 'scope', header: 'What', value: fill => scopeWords(fill.scope) },
  {
    id: 'range',
    header: 'Days',
    value: fill => new Date(fill.fromMs).toISOString(),
    cell: fill => `${formatDay(fill.fromMs)} to ${formatDay(fill.toMs)}`,
  },
  {
    id: 'why',
    header: 'Asked by',
    value: fill =>
      fill.collectionId !== null ? 'a collection' : fill.modelId === null ? 'a person' : 'a model',
  },
  {
    id: 'rows',
    header: 'Rows',
    align: 'right',
    value: fill => fill.rows,
    cell: fill => formatCount(fill.rows),
  },
  {
    id: 'new',
    header: 'New',
    align: 'right',
    value: fill => fill.newRows,
    cell: fill => formatCount(fill.newRows),
  },
  {
    id: 'requests',
    header: 'Requests',
    align: 'right',
    value: fill => fill.requests,
    cell: fill => formatCount(fill.requests),
  },
  {
    id: 'started',
    header: 'Started',
    value: fill => fill.startedAt,
    cell: fill => (fill.startedAt === null ? 'not yet' : <RelativeTime at={fill.startedAt} />),
  },
  {
    id: 'took',
    header: 'Took',
    align: 'right',
    value: fill => (fill.startedAt === null || fill.endedAt === null ? null : fill.endedAt - fill.startedAt),
    cell: fill =>
      fill.startedAt === null || fill.endedAt === null ? '' : formatDuration(fill.endedAt - fill.startedAt),
  },
  { id: 'message', header: 'Message', grows: true, value: fill => fill.message },
];
