import type { CapacityType, Provenance } from '../../../common/contracts/index.ts';

/** A node at a moment: what it has, what it costs, and who holds how much of it. */
export interface NodeObservation {
  readonly uid: string;
  readonly name: string;
  readonly instanceType: string | null;
  readonly zone: string | null;
  readonly capacityType: CapacityType;
  readonly capacity: NodeCapacity;
  /** `null` when unknown; `unknownReason` then says why. */
  readonly priceMicroUsdPerHour: number | null;
  readonly provenance: Provenance | null;
  readonly unknownReason: string | null;
  readonly holders: readonly HolderObservation[];
}

/** What the price of a node is paid for. */
export interface NodeCapacity {
  readonly cpuMilli: number;
  readonly memoryKib: number;
  readonly gpus: number;
  /** `allocatable` where the instance type is not in the catalog: less than the whole, and no word of GPUs. */
  readonly from: 'catalog' | 'allocatable';
}

/** A pod at a moment: the larger of what it asks for and what it uses, container by container. */
export interface HolderObservation {
  /** `Deployment/shop/web` */
  readonly workload: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cpuMilli: number;
  readonly memoryKib: number;
  /** No usage of some container is known: it counts with its request. */
  readonly requestOnly: boolean;
}

/** What one workload held of one node over an hour; sums over its pods. */
export interface Holding {
  /** While the node had a price. */
  cpuMilliMs: number;
  memoryKibMs: number;
  podMs: number;
  requestOnlyMs: number;
  /** Pod-time while it had none. */
  unpricedMs: number;
}

/** A node over an hour. */
export interface MeasuredNode extends Omit<NodeObservation, 'holders' | 'priceMicroUsdPerHour'> {
  pricedMs: number;
  unpricedMs: number;
  /** Sum of price × time, micro-USD per hour × ms. */
  priceMs: bigint;
  /** By workload. */
  readonly holdings: Map<string, Holding>;
}

/** All that the cost of a cluster in one hour is computed from: amounts and prices over the time they were in force. */
export class MeasuredHour {
  readonly clusterId: string;
  /** Begin, ms UTC. */
  readonly hourMs: number;
  /** How much of the hour was seen. */
  observedMs = 0;
  /** By uid. */
  readonly nodes = new Map<string, MeasuredNode>();
  /** Labels of workloads, as last seen. */
  readonly labels = new Map<string, Readonly<Record<string, string>>>();

  constructor(clusterId: string, hourMs: number) {
    this.clusterId = clusterId;
    this.hourMs = hourMs;
  }

  /** Counts `ms` of the hour during which the cluster was as observed. */
  add(nodes: readonly NodeObservation[], ms: number): void {
    this.observedMs += ms;
    for (const { holders, priceMicroUsdPerHour: price, ...facts } of nodes) {
      const known = this.nodes.get(facts.uid);
      const node: MeasuredNode = {
        pricedMs: 0,
        unpricedMs: 0,
        priceMs: 0n,
        holdings: new Map(),
        ...known,
        ...facts,
        // A price that was known earlier in the hour keeps its source.
        provenance: facts.provenance ?? known?.provenance ?? null,
        unknownReason: facts.unknownReason ?? known?.unknownReason ?? null,
      };
      this.nodes.set(facts.uid, node);
      if (price === null) node.unpricedMs += ms;
      else {
        node.pricedMs += ms;
        node.priceMs += BigInt(price) * BigInt(ms);
      }
      for (const holder of holders) this.#hold(node, holder, price === null, ms);
    }
  }

  #hold(node: MeasuredNode, holder: HolderObservation, isUnpriced: boolean, ms: number): void {
    this.labels.set(holder.workload, holder.labels);
    const holding = node.holdings.get(holder.workload) ?? {
      cpuMilliMs: 0,
      memoryKibMs: 0,
      podMs: 0,
      requestOnlyMs: 0,
      unpricedMs: 0,
    };
    node.holdings.set(holder.workload, holding);
    if (isUnpriced) {
      holding.unpricedMs += ms;
      return;
    }
    holding.podMs += ms;
    holding.cpuMilliMs += holder.cpuMilli * ms;
    holding.memoryKibMs += holder.memoryKib * ms;
    if (holder.requestOnly) holding.requestOnlyMs += ms;
  }
}
