import { Text } from '@mantine/core';
import { Link } from 'wouter';
import { api, type EngineLedgerEntry } from '../../../../common/contracts/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { useRead } from '../../../connection/use-call.ts';

/** Who chose which engine for what, and which experiments there were: newest first. */
export function EngineLedger({
  nameOf,
}: {
  readonly nameOf: (kind: 'engine' | 'cluster', id: string) => string;
}) {
  const { data, error } = useRead(api.engineExperiments.engineLedger, {});
  if (error) return <ErrorState error={error} />;
  if (data === undefined) return <LoadingRows rows={2} />;
  if (data.entries.length === 0) return <Text c="dimmed">Nobody has chosen an engine yet.</Text>;
  return (
    <ol style={{ margin: 0, padding: 0, listStyle: 'none', display: 'grid', gap: 8 }}>
      {data.entries.map(entry => (
        <li key={entry.seq}>
          <span className="co-actor">{entry.actor}</span> <Words entry={entry} nameOf={nameOf} />{' '}
          <RelativeTime at={entry.at} />
          {entry.reason === null ? null : (
            <Text size="sm" c="dimmed">
              {entry.reason}
            </Text>
          )}
        </li>
      ))}
    </ol>
  );
}

function Words({
  entry: { kind, engineId, clusterId, experiment },
  nameOf,
}: {
  readonly entry: EngineLedgerEntry;
  readonly nameOf: (kind: 'engine' | 'cluster', id: string) => string;
}) {
  const engine = nameOf('engine', engineId);
  if (experiment === null)
    return `chose ${engine}${clusterId === null ? '' : ` for ${nameOf('cluster', clusterId)}`}`;
  return (
    <>
      {kind === 'experiment-started' ? 'started' : 'ended'}{' '}
      <Link href={`/engines/experiments/${pagePart(experiment.rule.experimentId)}`}>
        the experiment of {engine} against {nameOf('engine', experiment.championId)}
      </Link>
    </>
  );
}
