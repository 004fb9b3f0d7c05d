import type { CapacityType, Plan, PlanNode, Provenance } from '../../common/contracts/index.ts';

/** A node that a plan takes away, at the price on which the decision rests. */
export interface RemovedNode {
  readonly name: string;
  readonly uid: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  /** What leaves the bill with it, after Savings Plans, reservations and discounts. */
  readonly priceMicroUsdPerHour: number;
  /** Its price before them when the decision was made, with the record; `null` where it was not seen then. */
  readonly listMicroUsdPerHour: number | null;
  readonly provenance: Provenance | null;
  /** Who ends its instance; absent in entries of older engines. */
  readonly endedBy?: PlanNode['endedBy'];
  /** Of an instance that nobody ends. */
  readonly instanceId?: string | undefined;
}

/** A node that a plan means to bring. */
export interface PromisedNode {
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  /** At the decision, and as forecast. */
  readonly priceMicroUsdPerHour: number;
  readonly predictedMicroUsdPerHour: number;
  readonly forecastBy: string;
}

/** What one engine contributed, in the order in which the engines worked on one state. */
export interface EngineStage {
  readonly engine: string;
  readonly predictedMicroUsdPerHour: number;
}

/** The nodes that go by a plan. */
export function removedBy(plan: Plan): readonly Omit<RemovedNode, 'listMicroUsdPerHour' | 'provenance'>[] {
  return plan.remove;
}

/** The nodes that come by a plan, as it was decided. */
export function promisedBy(plan: Plan): readonly PromisedNode[] {
  return plan.add.map(
    ({ instanceType, zone, capacityType, priceMicroUsdPerHour, predictedMicroUsdPerHour, forecastBy }) => ({
      instanceType,
      zone,
      capacityType,
      priceMicroUsdPerHour,
      predictedMicroUsdPerHour,
      forecastBy,
    }),
  );
}

/** The engines behind a plan; their predictions add up to that of the plan. */
export function stagesOf(plan: Plan): readonly EngineStage[] {
  return [{ engine: plan.engine, predictedMicroUsdPerHour: plan.cost.savingMicroUsdPerHour }];
}
