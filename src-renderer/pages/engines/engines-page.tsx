import { Text } from '@mantine/core';
import { Link } from 'wouter';
import { Card } from '../../components/card.tsx';
import { PageHeader } from '../../components/page-header.tsx';

/** Which decision engines there are, and how they decide. */
export function EnginesPage() {
  return (
    <>
      <PageHeader title="Engines" sentence="One engine is built in: Spot." />
      <Card title="Spot">
        <div style={{ display: 'grid', gap: 10, maxWidth: 760 }}>
          <Text>
            Compares every node with each cheaper type that would hold its pods, in the same region. Expected
            cost = price that the forecast expects + interruption risk × restart cost; the saving is what the
            node costs now less that, and the cost of running both while pods move is paid once.
          </Text>
          <Text c="dimmed">
            A node whose pods cannot move stays, with the object that keeps it and the smallest change that
            would free it. A pool with an unknown price or risk is never proposed. Where the active model is
            no better than “the last price stays”, that is what the engine uses.
          </Text>
          <Link href="/decisions">See its decisions</Link>
        </div>
      </Card>
    </>
  );
}
