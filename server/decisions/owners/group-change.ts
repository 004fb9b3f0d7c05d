import type { ChangedField, OwnerChange } from '../../../common/contracts/index.ts';
import { instanceIdOf } from '../node-of-instance.ts';
import { isOwnedBy, type OwnedNode, type OwnerInput } from './owner-input.ts';

/** A group of nodes that AWS keeps at a size. */
interface NodeGroup {
  readonly kind: 'eks-node-group' | 'auto-scaling-group';
  /** `null` where no node tells. */
  readonly name: string | null;
}

/** eksctl writes the name of the EKS cluster onto the nodes that it makes. */
const CLUSTER_LABEL = 'alpha.eksctl.io/cluster-name';
const UNKNOWN_CLUSTER = '"$EKS_CLUSTER"';
/** A word that a shell takes as it is. */
const PLAIN = /^[A-Za-z0-9_./:@-]+$/;

/**
 * What a plan means for a node group: its size after it, nodes that go by name (an Auto Scaling group that merely shrinks ends any of
 * its instances), and, where new nodes come from groups, a group for them: instance types and capacity type of an EKS node group cannot be changed.
 * @param brings new nodes of the plan come from a group, because nothing else brings any
 */
export function groupChange(group: NodeGroup, input: OwnerInput, brings: boolean): OwnerChange {
  const own = input.nodes.filter(node => isOwnedBy(node, group.kind, group.name));
  const leaving = own.filter(({ isLeaving }) => isLeaving);
  const coming = brings ? input.coming : [];
  const left = own.length - leaving.length;
  const lines = [
    ...(group.kind === 'eks-node-group' ? eksLines(group, own, left) : []),
    ...leaving.flatMap(endLines),
  ];
  return {
    owner: { kind: group.kind, name: group.name },
    title: `${group.kind === 'eks-node-group' ? 'Node group' : 'Auto Scaling group'} ${group.name ?? 'of unknown name'}`,
    nodes: leaving.map(({ inventory }) => inventory.name),
    fileName: `${group.kind === 'eks-node-group' ? 'node-group' : 'auto-scaling-group'}-${(group.name ?? 'unnamed').replace(/[^\w.-]+/g, '-')}.sh`,
    language: 'sh',
    text: `${[...comingLines(group, own, coming), ...lines].join('\n')}\n`,
    how: 'Line by line, in this order: new nodes first, then drain, then the instance with its place in the group.',
    fields: fieldsOf(own, left, coming),
    check: null,
    notes: notesOf(group, leaving, coming),
  };
}

function eksLines(group: NodeGroup, own: readonly OwnedNode[], left: number): string[] {
  const named = `--cluster-name ${clusterOf(own)} --nodegroup-name ${word(group.name ?? '')}`;
  return [
    '# What the group says now:',
    `aws eks describe-nodegroup ${named} --query 'nodegroup.[scalingConfig,instanceTypes,capacityType]'`,
    `# Only where its minSize is above ${left}:`,
    `aws eks update-nodegroup-config ${named} --scaling-config minSize=${left}`,
  ];
}

/** The node and its instance go, and the group does not bring another one. */
function endLines({ inventory: { name, providerId } }: OwnedNode): string[] {
  const instance = instanceIdOf(providerId);
  return [
    `kubectl drain ${word(name)} --ignore-daemonsets`,
    ...(instance === undefined
      ? [
          `# The instance of node ${name.replace(/\s+/g, ' ')} is unknown: the node does not tell its provider id.`,
        ]
      : [
          `aws autoscaling terminate-instance-in-auto-scaling-group --instance-id ${instance} --should-decrement-desired-capacity`,
        ]),
  ];
}

function comingLines(group: NodeGroup, own: readonly OwnedNode[], coming: OwnerInput['coming']): string[] {
  const byCapacity = Map.groupBy(coming, ({ capacityType }) => capacityType);
  return [...byCapacity].flatMap(([capacityType, machines]) => {
    const types = typesOf(machines);
    const count = machines.length;
    if (group.kind === 'auto-scaling-group') {
      const policy = {
        LaunchTemplate: { Overrides: types.map(InstanceType => ({ InstanceType })) },
        InstancesDistribution: {
          OnDemandPercentageAboveBaseCapacity: capacityType === 'spot' ? 0 : 100,
          ...(capacityType === 'spot' ? { SpotAllocationStrategy: 'price-capacity-optimized' } : {}),
        },
      };
      return [
        `# A group for the ${capacityType} nodes, whose name and launch template are not known here; it must have a mixed instances policy already.`,
        `aws autoscaling update-auto-scaling-group --auto-scaling-group-name "$ASG" --mixed-instances-policy '${JSON.stringify(policy)}'`,
        `# ${count} more than it has now:`,
        'aws autoscaling set-desired-capacity --auto-scaling-group-name "$ASG" --desired-capacity "$DESIRED"',
      ];
    }
    const named = `--cluster-name ${clusterOf(own)} --nodegroup-name ${word(group.name ?? '')}`;
    return [
      '# A new group for the nodes that come, beside this one and with its role and subnets:',
      `NODE_ROLE=$(aws eks describe-nodegroup ${named} --query nodegroup.nodeRole --output text)`,
      `SUBNETS=$(aws eks describe-nodegroup ${named} --query 'nodegroup.subnets' --output text)`,
      `aws eks create-nodegroup --cluster-name ${clusterOf(own)} --nodegroup-name ${word(`${group.name}-${capacityType}`)} --capacity-type ${capacityType === 'spot' ? 'SPOT' : 'ON_DEMAND'} --instance-types ${types.join(' ')} --scaling-config minSize=0,maxSize=${count},desiredSize=${count} --node-role "$NODE_ROLE" --subnets $SUBNETS`,
    ];
  });
}

function fieldsOf(own: readonly OwnedNode[], left: number, coming: OwnerInput['coming']): ChangedField[] {
  const leaving = own.length - left;
  return [
    {
      path: 'desiredSize',
      present: null,
      proposed: `${leaving} less`,
      why: `The desired size is not told by the cluster; it has ${own.length} ${own.length === 1 ? 'node' : 'nodes'} of the group, and ${left} when the plan is done.`,
    },
    { path: 'minSize', present: null, proposed: `at most ${left}`, why: 'A group does not shrink below it.' },
    ...(coming.length === 0
      ? []
      : [
          {
            path: 'instanceTypes',
            present: null,
            proposed: typesOf(coming).join(', '),
            why: 'What the plan wants to buy.',
          },
          {
            path: 'capacityType',
            present: [...new Set(own.map(({ capacityType }) => capacityType))].join(', '),
            proposed: [...new Set(coming.map(({ capacityType }) => capacityType))].join(', '),
            why: 'How it is paid for.',
          },
        ]),
  ];
}

function notesOf(group: NodeGroup, leaving: readonly OwnedNode[], coming: OwnerInput['coming']): string[] {
  const zones = [...new Set(coming.map(({ zone }) => zone))].sort();
  return [
    ...(leaving.length > 0
      ? [
          'A group that is only made smaller ends instances of its own choice: these lines name the instances of the plan.',
        ]
      : []),
    ...(leaving.some(({ inventory }) => inventory.doNotDisrupt === true)
      ? ['A node that goes asks not to be disrupted.']
      : []),
    ...(coming.length > 0 && group.kind === 'eks-node-group'
      ? ['Instance types and capacity type of an EKS node group cannot be changed once it is made.']
      : []),
    ...(zones.length > 0
      ? [
          `The plan wants its nodes in ${zones.join(', ')}: take the subnets of ${zones.length === 1 ? 'this zone' : 'these zones'} alone to be sure.`,
        ]
      : []),
  ];
}

function clusterOf(own: readonly OwnedNode[]): string {
  const name = own.map(({ inventory }) => inventory.labels[CLUSTER_LABEL]).find(label => label !== undefined);
  return name === undefined ? UNKNOWN_CLUSTER : word(name);
}

function typesOf(machines: OwnerInput['coming']): string[] {
  return [...new Set(machines.map(({ instanceType }) => instanceType))].sort();
}

/** Names come from the cluster: none of them may become a command. */
function word(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
