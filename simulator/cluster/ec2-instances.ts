import type { CapacityType, CatalogType, NodeInstances } from './node-instances.ts';
import type { ObjectStore } from './object-store.ts';
import type { Random } from './random.ts';

/** An instance that was launched for this cluster, as the EC2 endpoint tells of it. */
interface Ec2Instance {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly lifecycle: CapacityType;
  readonly state: 'pending' | 'running' | 'shutting-down' | 'terminated';
  readonly launchedAtMs: number;
  readonly tags: Readonly<Record<string, string>>;
  /** That of its node; empty until it has joined. */
  readonly privateDnsName: string;
}

/** What is launched; `labels` are those that its node registers with. */
type InstanceOrder = Pick<Ec2Instance, 'instanceType' | 'zone' | 'lifecycle' | 'tags'> & {
  readonly labels?: Readonly<Record<string, string>>;
};

/** What goes wrong with the next instances. */
export type InstanceFault = 'never-joins' | 'never-ready' | 'no-capacity';

/** Instances of the pretend account whose launch template lets them join the cluster. */
export interface Ec2Instances {
  launch(order: InstanceOrder): Ec2Instance | undefined;
  /** One that runs already, and whose node is Ready. */
  bring(order: InstanceOrder): Ec2Instance;
  terminate(instanceId: string): void;
  list(): readonly Ec2Instance[];
  /** From now on, until it is called with `undefined`. */
  setFault(fault: InstanceFault | undefined): void;
  /** Lets instances boot, and join as Ready nodes. */
  tick(nowMs: number): void;
}

interface Machine {
  instance: Ec2Instance;
  readonly labels: Readonly<Record<string, string>>;
  readonly fault: InstanceFault | undefined;
  nodeName: string | undefined;
}

/** No instances yet; each is a Ready node `bootMs` after its launch. */
export function createEc2Instances(
  store: ObjectStore,
  nodes: NodeInstances,
  random: Random,
  options: { catalog: readonly CatalogType[]; region: string; bootMs: number; nowMs: () => number },
): Ec2Instances {
  const machines = new Map<string, Machine>();
  let fault: InstanceFault | undefined;
  const become = (machine: Machine, state: Ec2Instance['state']) => {
    machine.instance = { ...machine.instance, state };
  };
  const join = (machine: Machine, nowMs: number) => {
    const { instanceId, instanceType, zone, lifecycle } = machine.instance;
    const type = options.catalog.find(one => one.instanceType === instanceType);
    if (!type) return;
    const node = nodes.launch({
      type,
      region: options.region,
      zone,
      capacityType: lifecycle,
      managedBy: 'launch-template',
      instanceId,
      labels: machine.labels,
    });
    machine.nodeName = node.metadata.name;
    machine.instance = { ...machine.instance, privateDnsName: node.metadata.name };
    if (machine.fault === 'never-ready') nodes.neverStart(node.metadata.name, nowMs);
  };
  const add = (order: InstanceOrder, state: Ec2Instance['state']): Machine => {
    const { labels = {}, instanceType, zone, lifecycle, tags } = order;
    const instanceId = `i-0${random.hex(16)}`;
    const launchedAtMs = options.nowMs();
    const instance = { instanceId, instanceType, zone, lifecycle, tags, state, launchedAtMs };
    const machine = { instance: { ...instance, privateDnsName: '' }, labels, fault, nodeName: undefined };
    machines.set(instanceId, machine);
    return machine;
  };
  return {
    launch: order => {
      if (fault === 'no-capacity' || !options.catalog.some(one => one.instanceType === order.instanceType))
        return undefined;
      return add(order, 'pending').instance;
    },
    bring: order => {
      const machine = add(order, 'running');
      join(machine, options.nowMs());
      return machine.instance;
    },
    terminate: instanceId => {
      const machine = machines.get(instanceId);
      if (!machine || machine.instance.state === 'terminated') return;
      become(machine, 'shutting-down');
    },
    list: () => [...machines.values()].map(({ instance }) => instance),
    setFault: next => {
      fault = next;
    },
    tick: nowMs => {
      for (const machine of machines.values()) {
        const { state, launchedAtMs } = machine.instance;
        if (state === 'pending' && nowMs - launchedAtMs >= options.bootMs) {
          become(machine, 'running');
          if (machine.fault !== 'never-joins') join(machine, nowMs);
        }
        // The cloud controller removes the node of an instance that is gone.
        if (state === 'shutting-down') {
          become(machine, 'terminated');
          if (machine.nodeName !== undefined) store.remove('nodes', undefined, machine.nodeName);
        }
      }
    },
  };
}
