import type { MoveUnderWay } from './engines/engine.ts';
import { FleetBill } from './fleet-bill.ts';
import type { ClusterControl, TypeCatalog } from './neighbours.ts';

/** The bill over all clusters, without the nodes that are being replaced. */
export function openBill(...of: Parameters<typeof billAsOfNow>): FleetBill {
  return billAsOfNow(...of)();
}

/** Opens the bill as it is now, also later. */
export function billAsOfNow(
  clusters: Pick<ClusterControl, 'state' | 'summaries'>,
  { catalog }: TypeCatalog,
  underWay: readonly MoveUnderWay[],
): () => FleetBill {
  const nodes = clusters.summaries().flatMap(({ id }) => clusters.state(id)?.nodes ?? []);
  const total =
    catalog.commitments() === null
      ? undefined
      : (paid: Parameters<typeof catalog.applyCommitments>[0]) =>
          catalog.applyCommitments(paid).totalMicroUsdPerHour;
  return () => {
    const bill = new FleetBill(nodes, total);
    for (const uid of underWay.flatMap(move => move.removes)) bill.remove(uid);
    return bill;
  };
}
