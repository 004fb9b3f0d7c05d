import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { ForecastSummary, Model } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { comparePath } from './compare/compare-path.ts';
import { versionColumns } from './version-columns.tsx';

/** All versions under the names of their models; two of them can be compared. */
export function VersionsCard(props: {
  readonly models: readonly Model[];
  readonly summaries: ReadonlyMap<string, ForecastSummary>;
  readonly currentId: string | undefined;
}) {
  const { models, summaries, currentId } = props;
  const [, go] = useLocation();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [a, b] = chosen;
  const columns = useMemo(
    () =>
      versionColumns(summaries, chosen, id =>
        // A third one takes the place of the one that was chosen first.
        setChosen(chosen.includes(id) ? chosen.filter(each => each !== id) : [...chosen, id].slice(-2)),
      ),
    [summaries, chosen],
  );
  return (
    <Card
      title="Versions"
      padded={false}
      aside={
        <Button
          size="xs"
          variant="default"
          disabled={a === undefined || b === undefined}
          onClick={() => a !== undefined && b !== undefined && go(comparePath(a, b))}
        >
          Compare {chosen.length === 2 ? 'the two' : 'two of them'}
        </Button>
      }
    >
      <DataTable
        label="Versions"
        rows={models}
        rowKey={model => model.id}
        columns={columns}
        groupOf={model => model.manifest.name}
        onOpen={model => go(`/models/${pagePart(model.id)}`)}
        currentKey={currentId}
        maxHeight="min(560px, 70vh)"
      />
    </Card>
  );
}
