import { Alert, Text } from '@mantine/core';
import type { Plan } from '../../../common/contracts/index.ts';

const CODES = ['instance-stays', 'group-balances-zones'];

/** What somebody who approves has to know of the instances behind the nodes; nothing where there is nothing to know. */
export function InstanceNotes({ plan: { reasons } }: { readonly plan: Plan }) {
  const notes = reasons.filter(({ code }) => CODES.includes(code));
  if (notes.length === 0) return null;
  const stays = notes.some(({ code }) => code === 'instance-stays');
  return (
    <Alert
      color="orange"
      variant="light"
      maw={900}
      styles={{ title: { color: 'var(--co-risk-text)' } }}
      title={stays ? 'An instance goes on costing after this plan' : 'A group may do more than the plan says'}
    >
      {notes.map(({ text }) => (
        <Text key={text} size="sm" style={{ overflowWrap: 'anywhere' }}>
          {text}
        </Text>
      ))}
    </Alert>
  );
}
