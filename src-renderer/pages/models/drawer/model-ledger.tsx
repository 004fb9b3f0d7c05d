import { Text } from '@mantine/core';
import { Link } from 'wouter';
import type { ActivationEntry } from '../../../../common/contracts/index.ts';
import { actorName } from '../../../components/actor-name.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { DetailPart } from './detail-part.tsx';

const WORDS: Record<ActivationEntry['kind'], string> = {
  activated: 'made it champion',
  'rolled-back': 'rolled back to it',
  retired: 'took it out of service',
  'experiment-started': 'made it challenger of',
  'experiment-ended': 'ended',
};

/** When a version served: who did what, and why where nobody pressed a button. Newest first. */
export function ModelLedger({ activations }: { readonly activations: readonly ActivationEntry[] }) {
  return (
    <DetailPart title="When it served">
      {activations.length === 0 ? (
        <Text c="dimmed">It has never served.</Text>
      ) : (
        <ol style={{ margin: 0, padding: 0, listStyle: 'none', display: 'grid', gap: 8 }}>
          {activations.toReversed().map(entry => (
            <li key={entry.seq}>
              <span className="co-actor" title={entry.actor}>
                {actorName(entry.actor)}
              </span>{' '}
              {WORDS[entry.kind]}{' '}
              {entry.rule === null ? null : (
                <Link href={`/models/experiments/${pagePart(entry.rule.experimentId)}`}>an experiment</Link>
              )}{' '}
              <RelativeTime at={entry.at} />
              {entry.reason === null ? null : (
                <Text size="sm" c="dimmed">
                  {entry.reason}
                </Text>
              )}
            </li>
          ))}
        </ol>
      )}
    </DetailPart>
  );
}
