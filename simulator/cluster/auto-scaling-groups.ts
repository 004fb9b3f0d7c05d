import type { Ec2Instances } from './ec2-instances.ts';
import type { CapacityType } from './node-instances.ts';

/** What a group is made with. */
interface GroupOrder {
  readonly name: string;
  readonly min: number;
  readonly zones: readonly string[];
  /** What it launches. */
  readonly instanceType: string;
  readonly lifecycle: CapacityType;
  /** Of its instances, beside the one of the group itself. */
  readonly tags: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** An instance in its group. */
interface GroupMember {
  readonly instanceId: string;
  readonly zone: string;
  readonly lifecycleState: 'Pending' | 'InService' | 'Terminating' | 'Terminating:Wait';
  readonly isProtected: boolean;
}

/** An Auto Scaling group of the pretend account. */
interface AutoScalingGroup {
  readonly name: string;
  readonly min: number;
  readonly desired: number;
  readonly zones: readonly string[];
  readonly suspended: readonly string[];
  readonly members: readonly GroupMember[];
}

/** Groups that keep their number of instances: one that ends comes again unless the desired size went down with it. */
export interface AutoScalingGroups {
  /** An empty one, with a desired size of none. */
  create(order: GroupOrder): void;
  /** One more instance, which runs already and is a Ready node. */
  bring(name: string, machine: { readonly instanceType: string; readonly zone: string }): void;
  list(): readonly AutoScalingGroup[];
  setMin(name: string, min: number): void;
  suspend(name: string, process: string): void;
  protect(instanceId: string): void;
  /** A lifecycle hook that keeps instances from their end, until it is called with `false`. */
  hold(name: string, isHeld: boolean): void;
  /** Begins to end an instance, with its place in the group or so that another comes. */
  end(instanceId: string, isDecremented: boolean): void;
  /** Ends what is to end, and launches what is missing. */
  tick(): void;
}

interface Group extends GroupOrder {
  min: number;
  desired: number;
  suspended: string[];
  isHeld: boolean;
  members: GroupMember[];
}

/** No groups yet. */
export function createAutoScalingGroups(ec2: Ec2Instances): AutoScalingGroups {
  const groups = new Map<string, Group>();
  const group = (name: string): Group => {
    const found = groups.get(name);
    if (!found) throw new Error(`there is no Auto Scaling group ${name}`);
    return found;
  };
  const change = (instanceId: string, part: Partial<GroupMember>) => {
    for (const one of groups.values())
      one.members = one.members.map(member =>
        member.instanceId === instanceId ? { ...member, ...part } : member,
      );
  };
  const orderOf = ({ name, lifecycle, tags, labels }: Group, instanceType: string, zone: string) => ({
    instanceType,
    zone,
    lifecycle,
    labels,
    tags: { ...tags, 'aws:autoscaling:groupName': name },
  });
  const alive = ({ members }: Group) =>
    members.filter(({ lifecycleState }) => !lifecycleState.startsWith('Terminating'));

  return {
    create: order => {
      groups.set(order.name, { ...order, desired: 0, suspended: [], isHeld: false, members: [] });
    },
    bring: (name, { instanceType, zone }) => {
      const one = group(name);
      const { instanceId } = ec2.bring(orderOf(one, instanceType, zone));
      one.desired++;
      one.members.push({ instanceId, zone, lifecycleState: 'InService', isProtected: false });
    },
    list: () =>
      [...groups.values()].map(({ name, min, desired, zones, suspended, members }) => ({
        name,
        min,
        desired,
        zones,
        suspended: [...suspended],
        members: [...members],
      })),
    setMin: (name, min) => {
      group(name).min = min;
    },
    suspend: (name, process) => {
      group(name).suspended.push(process);
    },
    protect: instanceId => change(instanceId, { isProtected: true }),
    hold: (name, isHeld) => {
      group(name).isHeld = isHeld;
    },
    end: (instanceId, isDecremented) => {
      for (const one of groups.values()) {
        const isMember = alive(one).some(member => member.instanceId === instanceId);
        if (isMember && isDecremented) one.desired--;
      }
      change(instanceId, { lifecycleState: 'Terminating' });
    },
    tick: () => {
      const running = new Map(ec2.list().map(instance => [instance.instanceId, instance.state]));
      for (const one of groups.values()) {
        for (const { instanceId, lifecycleState } of one.members) {
          if (lifecycleState.startsWith('Terminating')) {
            if (one.isHeld) change(instanceId, { lifecycleState: 'Terminating:Wait' });
            else ec2.terminate(instanceId);
          }
          if (lifecycleState === 'Pending' && running.get(instanceId) === 'running')
            change(instanceId, { lifecycleState: 'InService' });
        }
        one.members = one.members.filter(({ instanceId }) =>
          ['pending', 'running'].includes(running.get(instanceId) ?? ''),
        );
        while (alive(one).length < one.desired) {
          const zone = emptiestZone(one);
          const launched = ec2.launch(orderOf(one, one.instanceType, zone));
          if (!launched) break;
          const { instanceId } = launched;
          one.members.push({ instanceId, zone, lifecycleState: 'Pending', isProtected: false });
        }
      }
    },
  };
}

function emptiestZone({ zones, members }: Group): string {
  const count = (zone: string) => members.filter(member => member.zone === zone).length;
  return zones.toSorted((a, b) => count(a) - count(b))[0] ?? '';
}
