import type { CatalogInstanceType, SpotMarket } from '../market/index.ts';
import type { HostedAccount } from './instance-host.ts';
import type { QueryParameters } from './query-parameters.ts';

/** What an action may know: the pretend region, and the time of the request. */
export interface ActionContext {
  readonly market: SpotMarket;
  readonly region: string;
  /** Zone id by zone name. */
  readonly zoneIds: ReadonlyMap<string, string>;
  readonly instanceTypes: readonly CatalogInstanceType[];
  /** Instances, templates and subnets, where the region launches any. */
  readonly account: HostedAccount | undefined;
  readonly nowMs: number;
  /** The XML that ends a last page: EC2 writes an empty element or none. */
  lastPageMark(): string;
}

/** Answers one action with the XML inside the envelope. Throws `Ec2Error` for what EC2 would refuse. */
export type Action = (parameters: QueryParameters, context: ActionContext) => string;
