import type { EndAnswer } from './node-orders.ts';

/** An instance as EC2 and Auto Scaling tell of it. */
export interface SeenInstance {
  readonly instanceId: string;
  /** Name of the state in EC2: `running`, `shutting-down`, `terminated`. */
  readonly state: string;
  readonly zone: string | null;
  readonly privateDnsName: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Its place in an Auto Scaling group, where it has one. */
  readonly place: GroupPlace | null;
}

/** Where an instance stands in its Auto Scaling group. */
interface GroupPlace {
  readonly group: string;
  /** `InService`, `Terminating:Wait` */
  readonly lifecycleState: string;
  readonly isProtected: boolean;
}

/** An Auto Scaling group, its sizes in instances. */
export interface SeenGroup {
  readonly name: string;
  readonly desired: number;
  readonly min: number;
  /** Whether it may move instances between its zones when they become uneven. */
  readonly isBalancing: boolean;
}

/** Instances by id and groups by name; those that AWS does not know are absent. */
export interface SeenInstances {
  readonly instances: ReadonlyMap<string, SeenInstance>;
  readonly groups: ReadonlyMap<string, SeenGroup>;
}

/** Whoever ends instances. Every call may be repeated: its effect happens once. */
export interface InstanceEnds {
  /** @throws AppError `market.*`, `input.invalid` when AWS cannot be asked or refuses */
  see(region: string, instanceIds: readonly string[]): Promise<SeenInstances>;
  /** Asks whether these may be ended, which are in no group; changes nothing. @throws AppError as `see` does */
  tryOut(region: string, instanceIds: readonly string[]): Promise<void>;
  /** Ends an instance that is in no group. */
  end(region: string, instanceId: string): Promise<EndAnswer>;
  /** Ends an instance and makes its group smaller by one, so that the group brings no other. */
  endInGroup(region: string, instanceId: string): Promise<EndAnswer>;
}
