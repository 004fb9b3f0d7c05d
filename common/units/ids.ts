/** A string that the compiler tells apart from other strings: `Brand<'ClusterId'>` is no `AgentId`. */
export type Brand<Name extends string> = string & { readonly __brand: Name };

export type ClusterId = Brand<'ClusterId'>;
export type AgentId = Brand<'AgentId'>;
export type TaskId = Brand<'TaskId'>;
export type PlanId = Brand<'PlanId'>;
export type ModelId = Brand<'ModelId'>;
export type JobId = Brand<'JobId'>;

/** Key of a pool: `region/availabilityZone/instanceType/product`, e.g. `eu-west-1/eu-west-1a/m5.large/Linux/UNIX`. */
export type PoolKey = Brand<'PoolKey'>;

/** What one Spot price series belongs to. */
export interface Pool {
  readonly region: string;
  readonly availabilityZone: string;
  readonly instanceType: string;
  readonly product: string;
}

/** The key of a pool. The product comes last because it may itself hold a slash. */
export function poolKey(pool: Pool): PoolKey {
  return `${pool.region}/${pool.availabilityZone}/${pool.instanceType}/${pool.product}` as PoolKey;
}

/** The pool of a key; `undefined` when the text is no pool key. */
export function parsePoolKey(key: string): Pool | undefined {
  const [region, availabilityZone, instanceType, ...product] = key.split('/');
  if (!region || !availabilityZone || !instanceType || product.length === 0) return undefined;
  return { region, availabilityZone, instanceType, product: product.join('/') };
}
