import { DomainCounts } from './domain-counts.ts';
import { affinityHolds, type NodeFacts, type NodeRefusal, nodeRefusal, toleratesAll } from './node-rules.ts';
import type { ClassRules, SpreadRule } from './pod-rule-index.ts';
import { HOSTNAME_LABEL, type HostPort, type PodClass, type PodRules } from './problem.ts';

/** A node with what is free on it. */
export interface PlacementNode extends NodeFacts {
  /** Nodes of one kind differ in their name and host name alone. */
  readonly kind: number;
  /** CPU, memory, pods, extended resources; written to as pods are bound. */
  readonly free: Float64Array;
}

/** Why a pod may not be bound to a node now. */
export type Refusal =
  | 'room'
  | 'node selector'
  | 'node affinity'
  | 'taint'
  | 'volume zone'
  | 'host port'
  | 'topology spread'
  | 'pod affinity'
  | 'pod anti-affinity';

/**
 * Pods on nodes, bound one after the other by the rules of kube-scheduler's filters (v1.34): NodeResourcesFit, NodeAffinity,
 * TaintToleration, VolumeZone, NodePorts, PodTopologySpread, InterPodAffinity. All nodes exist from the start.
 */
export class Placement {
  readonly #pods: readonly PodClass[];
  readonly #nodes: readonly PlacementNode[];
  readonly #sizes: readonly Float64Array[];
  readonly #rules: readonly ClassRules[];
  readonly #domainOf = new Map<string, Int32Array>();
  readonly #spreadCounts = new Map<number, { counts: DomainCounts; eligible: Uint8Array }>();
  readonly #eligible = new Map<string, Uint8Array>();
  readonly #matchedByAnti = new Map<string, number>();
  readonly #holdersOfAnti = new Map<string, number>();
  readonly #affine = new Map<string, number>();
  readonly #affineTotal = new Map<number, number>();
  readonly #ports = new Map<number, HostPort[]>();
  readonly #refusals = new Map<PodRules, Map<number, NodeRefusal | undefined>>();

  /**
   * @param rules of each class, from `indexPodRules`
   * @param sizes request of one pod of each class, in the order of `free`
   */
  constructor(
    pods: readonly PodClass[],
    rules: readonly ClassRules[],
    nodes: readonly PlacementNode[],
    sizes: readonly Float64Array[],
  ) {
    this.#pods = pods;
    this.#nodes = nodes;
    this.#sizes = sizes;
    this.#rules = rules;
  }

  /** Whether only the node itself and its room matter for pods of a class, for them and for others. */
  isFree(podClass: number): boolean {
    return (this.#rules[podClass] as ClassRules).isFree;
  }

  /** The first rule that keeps one more pod of a class off a node. */
  refusal(podClass: number, n: number): Refusal | undefined {
    const node = this.#nodes[n] as PlacementNode;
    const size = this.#sizes[podClass] as Float64Array;
    for (let r = 0; r < size.length; r++) {
      // As NodeResourcesFit: what is not asked for need not be there.
      if ((size[r] as number) > 0 && (size[r] as number) > (node.free[r] as number)) return 'room';
    }
    const { rules } = this.#pods[podClass] as PodClass;
    const own = this.#rules[podClass] as ClassRules;
    const byNode = this.#nodeRefusal(rules, node);
    if (byNode || own.isFree) return byNode;
    if (this.#hasPortConflict(rules, n)) return 'host port';
    if (!own.spreads.every(spread => this.#keepsSkew(spread, n))) return 'topology spread';
    if (!this.#hasAffinePods(own, n)) return 'pod affinity';
    for (const { id, topologyKey } of own.antiTerms) {
      const domain = this.#domain(topologyKey, n);
      if (domain >= 0 && this.#matchedByAnti.has(`${id}/${domain}`)) return 'pod anti-affinity';
    }
    for (const { id, topologyKey } of own.matchedByAntiTerms) {
      const domain = this.#domain(topologyKey, n);
      if (domain >= 0 && this.#holdersOfAnti.has(`${id}/${domain}`)) return 'pod anti-affinity';
    }
    return undefined;
  }

  /** Binds pods without asking; for a class that is not free, one at a time. */
  bind(podClass: number, n: number, pods: number): void {
    const { free } = this.#nodes[n] as PlacementNode;
    (this.#sizes[podClass] as Float64Array).forEach((one, r) => {
      free[r] = (free[r] as number) - one * pods;
    });
    const own = this.#rules[podClass] as ClassRules;
    if (own.isFree) return;
    for (const spread of own.countedBySpreads) {
      const { counts, eligible } = this.#spread(spread);
      if (eligible[n] === 1) counts.add(this.#domain(spread.constraint.topologyKey, n), pods);
    }
    for (const { id, topologyKey } of own.antiTerms)
      this.#count(this.#holdersOfAnti, id, topologyKey, n, pods);
    for (const { id, topologyKey } of own.matchedByAntiTerms)
      this.#count(this.#matchedByAnti, id, topologyKey, n, pods);
    for (const { id, topologyKeys } of own.matchedByAffinities) {
      topologyKeys.forEach((key, i) => {
        if (this.#domain(key, n) < 0) return;
        this.#count(this.#affine, `${id}.${i}`, key, n, pods);
        this.#affineTotal.set(id, (this.#affineTotal.get(id) ?? 0) + pods);
      });
    }
    const { hostPorts } = (this.#pods[podClass] as PodClass).rules;
    if (hostPorts.length > 0) this.#ports.set(n, [...(this.#ports.get(n) ?? []), ...hostPorts]);
  }

  /** Nodes of one kind are answered alike, unless the pod asks for one by name. */
  #nodeRefusal(rules: PodRules, node: PlacementNode): NodeRefusal | undefined {
    let known = this.#refusals.get(rules);
    if (!known) {
      known = new Map();
      this.#refusals.set(rules, known);
    }
    if (known.has(node.kind)) return known.get(node.kind);
    const answer = nodeRefusal(rules, node);
    if (!asksForName(rules)) known.set(node.kind, answer);
    return answer;
  }

  #hasPortConflict({ hostPorts }: PodRules, n: number): boolean {
    if (hostPorts.length === 0) return false;
    const taken = this.#ports.get(n) ?? [];
    return hostPorts.some(wanted =>
      taken.some(
        ({ protocol, hostIp, port }) =>
          protocol === wanted.protocol &&
          port === wanted.port &&
          (hostIp === wanted.hostIp || hostIp === '0.0.0.0' || wanted.hostIp === '0.0.0.0'),
      ),
    );
  }

  #keepsSkew(spread: SpreadRule, n: number): boolean {
    const { topologyKey, maxSkew, minDomains } = spread.constraint;
    const domain = this.#domain(topologyKey, n);
    if (domain < 0) return false;
    const { counts } = this.#spread(spread);
    const least = counts.domains < minDomains ? 0 : counts.least();
    return counts.of(domain) + (spread.countsItself ? 1 : 0) - least <= maxSkew;
  }

  #hasAffinePods({ affinity }: ClassRules, n: number): boolean {
    if (!affinity) return true;
    const { id, topologyKeys, includesItself } = affinity;
    if (topologyKeys.some(key => this.#domain(key, n) < 0)) return false;
    if (topologyKeys.every((key, i) => this.#affine.has(`${id}.${i}/${this.#domain(key, n)}`))) return true;
    // The first of a group that wants to be together may go anywhere.
    return includesItself && !this.#affineTotal.has(id);
  }

  #count(counts: Map<string, number>, id: number | string, key: string, n: number, pods: number): void {
    const domain = this.#domain(key, n);
    if (domain < 0) return;
    const at = `${id}/${domain}`;
    counts.set(at, (counts.get(at) ?? 0) + pods);
  }

  /** Number of the value that a node has for a topology key; -1 without one. */
  #domain(key: string, n: number): number {
    let domains = this.#domainOf.get(key);
    if (!domains) {
      const numbers = new Map<string, number>();
      domains = Int32Array.from(this.#nodes, ({ labels }) => {
        const value = labels[key];
        if (value === undefined) return -1;
        const known = numbers.get(value) ?? numbers.size;
        numbers.set(value, known);
        return known;
      });
      this.#domainOf.set(key, domains);
    }
    return domains[n] as number;
  }

  /** Nodes that a spread constraint looks at, and its domains; counted from the first time that it matters. */
  #spread({ id, owner, constraint }: SpreadRule): { counts: DomainCounts; eligible: Uint8Array } {
    let spread = this.#spreadCounts.get(id);
    if (spread) return spread;
    const { rules } = this.#pods[owner] as PodClass;
    const keys = rules.topologySpread
      .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule')
      .map(({ topologyKey }) => topologyKey);
    const eligible = this.#eligibleFor(rules, keys, constraint);
    const counts = new DomainCounts();
    eligible.forEach((isOne, n) => {
      if (isOne === 1) counts.addDomain(this.#domain(constraint.topologyKey, n));
    });
    spread = { counts, eligible };
    this.#spreadCounts.set(id, spread);
    return spread;
  }

  /** Worked out once for all pods that ask for the same nodes. */
  #eligibleFor(
    rules: PodRules,
    keys: readonly string[],
    { nodeAffinityPolicy, nodeTaintsPolicy }: SpreadRule['constraint'],
  ): Uint8Array {
    const asked = nodeAffinityPolicy === 'Honor' ? [rules.nodeSelector, rules.nodeAffinity] : null;
    const tolerated = nodeTaintsPolicy === 'Honor' ? rules.tolerations : null;
    const key = JSON.stringify([keys, asked, tolerated]);
    let eligible = this.#eligible.get(key);
    if (!eligible) {
      eligible = Uint8Array.from(this.#nodes, (node, n) =>
        keys.every(one => this.#domain(one, n) >= 0) &&
        (!asked || affinityHolds(rules, node)) &&
        (!tolerated || toleratesAll(tolerated, node.taints))
          ? 1
          : 0,
      );
      this.#eligible.set(key, eligible);
    }
    return eligible;
  }
}

function asksForName({ nodeSelector, nodeAffinity }: PodRules): boolean {
  return (
    HOSTNAME_LABEL in nodeSelector ||
    (nodeAffinity ?? []).some(
      ({ matchExpressions, matchFields }) =>
        matchFields.length > 0 || matchExpressions.some(({ key }) => key === HOSTNAME_LABEL),
    )
  );
}
