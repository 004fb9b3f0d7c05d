import type { SeenGroup, SeenInstance } from '../capacity/instance-ends.ts';
import { ownTag } from '../capacity/own-tags.ts';

/** How a cluster may be named by the tags of its instances. */
export interface TaggedCluster {
  /** As CloudOptim calls it: on instances that it launched itself. */
  readonly name: string;
  /** As AWS calls it; `undefined` where nobody said. */
  readonly awsName: string | undefined;
}

/** A node as its instance is held against it; `zone` is `null` where it does not tell. */
export interface JudgedNode {
  readonly name: string;
  readonly zone: string | null;
}

/** The instance of a node, which may be the end of a plan together with others of its group. */
export interface LeavingInstance {
  readonly node: string;
  readonly instance: SeenInstance;
}

/** States of EC2 from which an instance does not come back; nothing is paid for it any more. */
const ENDED = ['shutting-down', 'terminated'];

/** The tag that the instances of a cluster carry: its cloud controller finds them by it. */
export function clusterTagOf(awsName: string): string {
  return `kubernetes.io/cluster/${awsName}`;
}

/** Whether an instance has come to its end; one that EC2 does not know any more has. */
export function isEnded(instance: SeenInstance | undefined): boolean {
  return instance === undefined || ENDED.includes(instance.state);
}

/**
 * Why it is not proven that an instance is the one behind a node of a cluster, in one sentence; `undefined` where it is: its tag names
 * the cluster, and it has the node's name and zone.
 */
export function unprovenWords(
  instance: SeenInstance,
  node: JudgedNode,
  { name, awsName }: TaggedCluster,
): string | undefined {
  const { instanceId, tags, zone, privateDnsName } = instance;
  const isOwn = tags[ownTag.plan] !== undefined && tags[ownTag.cluster] === name;
  const tag = awsName === undefined ? undefined : clusterTagOf(awsName);
  if (!isOwn && (tag === undefined || tags[tag] === undefined)) {
    const missing =
      tag === undefined ? 'no tag of CloudOptim' : `neither the tag ${tag} nor one of CloudOptim`;
    return `Instance ${instanceId} of node ${node.name} carries ${missing}: nothing proves that it belongs to this cluster.`;
  }
  // Nodes are called as EC2 calls their instance, by its address or by its id; the domain behind may be one's own.
  const host = hostOf(node.name);
  if (host !== instanceId && host !== hostOf(privateDnsName ?? ''))
    return `Instance ${instanceId} of node ${node.name} is called ${privateDnsName ?? 'nothing'} in EC2: it may be another machine.`;
  if (node.zone !== null && zone !== node.zone)
    return `Instance ${instanceId} of node ${node.name} runs in ${zone ?? 'an unknown zone'}, not in ${node.zone}: it may be another machine.`;
  return undefined;
}

/** What forbids that these instances leave their groups, a sentence for each, with what to do about it. */
export function groupProblems(
  leaving: readonly LeavingInstance[],
  groups: ReadonlyMap<string, SeenGroup>,
): string[] {
  const placed = leaving.flatMap(({ node, instance }) =>
    instance.place ? [{ node, instance, place: instance.place }] : [],
  );
  const protections = placed
    .filter(({ place }) => place.isProtected)
    .map(
      ({ node, instance: { instanceId }, place: { group } }) =>
        `Instance ${instanceId} of node ${node} is protected from scale-in by Auto Scaling group ${group}: aws autoscaling set-instance-protection --instance-ids ${instanceId} --auto-scaling-group-name ${group} --no-protected-from-scale-in lifts it.`,
    );
  const sizes = [...Map.groupBy(placed, ({ place }) => place.group)].flatMap(([name, own]) => {
    const group = groups.get(name);
    if (!group) return [`Auto Scaling group ${name} is not known to AWS any more.`];
    const left = group.desired - own.length;
    if (left >= group.min) return [];
    return [
      `Auto Scaling group ${name} wants ${group.desired} instances and keeps at least ${group.min}, so ${own.length === 1 ? 'one' : own.length} cannot leave: ${lowerMinimum(name, Math.max(0, left), own[0]?.instance.tags ?? {})} makes room.`,
    ];
  });
  return [...protections, ...sizes];
}

/** The minimum of an EKS node group is changed at EKS, which would set that of its Auto Scaling group back. */
function lowerMinimum(group: string, min: number, tags: SeenInstance['tags']): string {
  const [cluster, nodeGroup] = [tags['eks:cluster-name'], tags['eks:nodegroup-name']];
  return cluster !== undefined && nodeGroup !== undefined
    ? `aws eks update-nodegroup-config --cluster-name ${cluster} --nodegroup-name ${nodeGroup} --scaling-config minSize=${min}`
    : `aws autoscaling update-auto-scaling-group --auto-scaling-group-name ${group} --min-size ${min}`;
}

function hostOf(name: string): string {
  return name.split('.')[0] ?? '';
}
