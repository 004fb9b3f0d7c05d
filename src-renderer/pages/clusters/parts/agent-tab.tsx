import { Alert, Table } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AgentHealth } from '../../../../common/contracts/index.ts';
import { counted, formatCount } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { ToneBadge } from '../../../components/tone-badge.tsx';
import { UnknownText } from '../../../components/unknown-text.tsx';

/** How the agent of a cluster is: who it is, how old what it told is, and what was lost on the way. */
export function AgentTab({ agent }: { readonly agent: AgentHealth }) {
  const { missedMessages, droppedMessages, outboxMessages } = agent;
  const dropped = droppedMessages && Object.entries(droppedMessages).filter(([, count]) => count > 0);
  const age = (at: number | null, why: string) =>
    at === null ? <UnknownText reason={why} /> : <RelativeTime at={at} />;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [
      'Connection',
      <ToneBadge key="state" tone={agent.isConnected ? 'good' : 'risk'}>
        {agent.isConnected ? 'Connected' : 'Not connected'}
      </ToneBadge>,
    ],
    ['Last heard', age(agent.lastSeenAt, 'The agent has not connected yet.')],
    ['Version', agent.version ?? <UnknownText reason="The agent has not connected yet." />],
    [
      'Protocol',
      agent.protocol ?? (
        <UnknownText reason="Told at the handshake; an agent over plain requests has none, and an older engine did not keep it." />
      ),
    ],
    ['Kubernetes', agent.kubernetesVersion ?? <UnknownText reason="It comes with the first inventory." />],
    ['Objects last changed', age(agent.inventoryAt, 'No inventory has come yet.')],
    [
      'Usage last came',
      age(agent.usageAt, 'None since this engine started; metrics-server may be missing in the cluster.'),
    ],
    [
      'Waits in its outbox',
      outboxMessages === null ? (
        <UnknownText
          key="outbox"
          reason="It comes with the next batch; agents of older versions do not tell."
        />
      ) : (
        counted(outboxMessages, 'message')
      ),
    ],
    [
      'Dropped for want of room',
      dropped === null ? (
        <UnknownText
          key="dropped"
          reason="It comes with the next batch; agents of older versions do not tell."
        />
      ) : dropped.length === 0 ? (
        'none since its start'
      ) : (
        dropped.map(([kind, count]) => `${formatCount(count)} of ${kind}`).join(', ')
      ),
    ],
    ['Never came', missedMessages === 0 ? 'none' : counted(missedMessages, 'message')],
  ];
  return (
    <div style={{ padding: 16, display: 'grid', gap: 12, maxWidth: 820 }}>
      {missedMessages > 0 ? (
        <Alert color="blue" variant="light">
          After a hole the agent tells the whole state anew, and no result of a task is ever dropped: what is
          missing is usage and events of that time.
        </Alert>
      ) : null}
      <Table aria-label="Agent" verticalSpacing={6}>
        <Table.Tbody>
          {facts.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={500} c="dimmed" w={220}>
                {name}
              </Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
