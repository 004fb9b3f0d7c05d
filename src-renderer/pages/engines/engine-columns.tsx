import { Link } from 'wouter';
import type { Engine } from '../../../common/contracts/index.ts';
import { formatBytes } from '../../../common/units/index.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { ToneBadge } from '../../components/tone-badge.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { engineName } from './engine-name.ts';

const KINDS = { javascript: 'JavaScript', webassembly: 'WebAssembly' } as const;

/** What an engine is made of, in a word. */
export function kindText({ file }: Engine): string {
  return file ? KINDS[file.kind] : 'built in';
}

/** Columns of the list of engines. @param usedBy names of the clusters that use an engine, by its id */
export function engineColumns(
  usedBy: ReadonlyMap<string, readonly string[]>,
): readonly TableColumn<Engine>[] {
  return [
    {
      id: 'name',
      header: 'Engine',
      grows: true,
      value: engineName,
      cell: engine => (
        <Link href={`/engines/${pagePart(engine.id)}`} style={{ fontWeight: 600 }}>
          {engineName(engine)}
        </Link>
      ),
    },
    {
      id: 'state',
      header: 'State',
      value: engine => engine.state,
      cell: engine => <ToneBadge tone={engine.state === 'ready' ? 'good' : 'risk'}>{engine.state}</ToneBadge>,
    },
    { id: 'kind', header: 'Kind', value: kindText },
    { id: 'used', header: 'Used by', value: engine => usedBy.get(engine.id)?.join(', ') ?? 'no cluster' },
    {
      id: 'size',
      header: 'Size',
      align: 'right',
      value: engine => engine.file?.bytes ?? null,
      cell: engine => (engine.file ? formatBytes(engine.file.bytes) : '–'),
    },
    {
      id: 'uploaded',
      header: 'Uploaded',
      value: engine => engine.file?.uploadedAt ?? null,
      cell: engine => (engine.file ? <RelativeTime at={engine.file.uploadedAt} /> : '–'),
    },
  ];
}
