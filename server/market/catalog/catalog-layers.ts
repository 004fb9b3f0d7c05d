import type { CatalogTypeFacts, Provenance } from '../../../common/contracts/index.ts';

/** Products as `DescribeSpotPriceHistory` names them; prices of the whole market room are keyed by these. */
export const LINUX = 'Linux/UNIX';
export const WINDOWS = 'Windows';
export const RED_HAT = 'Red Hat Enterprise Linux';
export const SUSE = 'SUSE Linux';

interface LayerBase {
  readonly provenance: Provenance;
}

/** Sizes of instance types, as `DescribeInstanceTypes` gives them. */
export interface TypesLayer extends LayerBase {
  readonly kind: 'types';
  readonly types: readonly CatalogTypeFacts[];
}

/** What a node of a type offers to pods. */
export interface Allocatable {
  readonly pods: number;
  readonly allocatableCpuMilli: number;
  readonly allocatableMemoryMib: number;
}

export interface AllocatableLayer extends LayerBase {
  readonly kind: 'allocatable';
  readonly types: ReadonlyMap<string, Allocatable>;
}

/** Zones, by the names of one account, in which a type is offered. */
export interface ZonesLayer extends LayerBase {
  readonly kind: 'zones';
  readonly regions: readonly string[];
  /** `undefined`: the layer does not know the region or the type; empty: it is not offered there. */
  find(region: string, instanceType: string): readonly string[] | undefined;
}

/** List prices of one region, shared tenancy: product → instance type → micro-USD per hour. */
export interface OnDemandLayer extends LayerBase {
  readonly kind: 'on-demand';
  readonly region: string;
  readonly prices: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Spot Instance Advisor of one type: share of instances interrupted, and percent saved against on-demand. */
export interface Advice {
  readonly label: string;
  readonly maxPercent: number;
  readonly savingsPercent: number;
}

export interface AdvisorLayer extends LayerBase {
  readonly kind: 'advisor';
  /** `undefined`: the feed does not list the type there. */
  find(region: string, product: string, instanceType: string): Advice | undefined;
  readonly regions: readonly string[];
  readonly products: readonly string[];
}

/** What one source told at one time. */
export type CatalogLayer = TypesLayer | AllocatableLayer | ZonesLayer | OnDemandLayer | AdvisorLayer;
