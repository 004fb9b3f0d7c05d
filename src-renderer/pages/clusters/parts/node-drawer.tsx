import { Group, Text } from '@mantine/core';
import type { NodeView } from '../../../../common/contracts/index.ts';
import { CapacityBadge } from '../../../components/capacity-badge.tsx';
import { DetailDrawer } from '../../../components/detail-drawer.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { MoneyText } from '../../../components/money-text.tsx';
import { ownerWords } from '../../../components/owner-words.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { CpuBar, MemoryBar } from './node-bars.tsx';
import { NodeStateBadge } from './node-columns.tsx';
import { PodsTab } from './pods-tab.tsx';

/** A node with what it costs, how full it is, and its pods. */
export function NodeDrawer(props: {
  readonly clusterId: string;
  readonly name: string | undefined;
  /** `undefined` when the cluster has no such node. */
  readonly node: NodeView | undefined;
  readonly onClose: () => void;
}) {
  const { clusterId, name, node, onClose } = props;
  return (
    <DetailDrawer title={name ?? 'Node'} isOpen={name !== undefined} onClose={onClose}>
      {node ? (
        <>
          <NodeFacts node={node} />
          <div className="co-card">
            <PodsTab clusterId={clusterId} node={node.name} />
          </div>
        </>
      ) : (
        <EmptyState title="This node is not there" text="It may have left the cluster." />
      )}
    </DetailDrawer>
  );
}

function NodeFacts({ node }: { readonly node: NodeView }) {
  const { allocatable, requested } = node;
  return (
    <div style={{ display: 'grid', gap: 8 }}>
      <Group gap="sm">
        <NodeStateBadge node={node} />
        <CapacityBadge type={node.capacityType} />
        <MoneyText
          value={node.priceMicroUsdPerHour}
          per="hour"
          provenance={node.priceProvenance}
          {...(node.priceUnknownReason === null ? {} : { unknown: node.priceUnknownReason })}
        />
      </Group>
      <Text>
        {node.instanceType ?? 'Unknown type'} in {node.zone ?? 'an unknown zone'}, started{' '}
        <RelativeTime at={node.createdAt} />
        {node.owner ? `; brought by ${ownerWords(node.owner)}` : ''}.
      </Text>
      <Group gap="lg">
        <Text size="sm" component="span">
          CPU <CpuBar node={node} />
        </Text>
        <Text size="sm" component="span">
          Memory <MemoryBar node={node} />
        </Text>
        <Text size="sm" component="span">
          {requested.pods} of {allocatable.pods} pods
        </Text>
      </Group>
    </div>
  );
}
