import { api } from '../../../../common/contracts/index.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { usePages } from '../../../connection/use-pages.ts';
import { PagesTable } from './pages-table.tsx';
import { podColumns } from './pod-columns.tsx';

/** Usage comes this often; objects in between are read with it. */
const REFETCH_MS = 15_000;

/** All pods of a cluster, or those on one node. */
export function PodsTab({ clusterId, node }: { readonly clusterId: string; readonly node?: string }) {
  const read = usePages(api.clusterParts.listPods, { id: clusterId }, 'after', {
    refetchMs: REFETCH_MS,
    ...(node === undefined ? {} : { query: { node } }),
  });
  return (
    <PagesTable
      label={node === undefined ? 'Pods' : 'Pods of the node'}
      read={read}
      rowKey={({ namespace, name }) => `${namespace}/${name}`}
      columns={node === undefined ? podColumns : podColumns.filter(({ id }) => id !== 'node')}
      sort={{ id: 'namespace', desc: false }}
      empty={
        node === undefined ? (
          <EmptyState
            title="No pods yet"
            text="They appear as soon as the agent has sent its first inventory."
          />
        ) : (
          <EmptyState title="No pod is on this node" text="It costs as much as a full one." />
        )
      }
    />
  );
}
