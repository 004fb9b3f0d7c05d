import type { CapacityType, Provenance } from '../../common/contracts/index.ts';
import { MS_PER_MINUTE } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';
import type { NodeFacts } from './node-facts.ts';

/** What sets the price of a node. */
export interface PricedMachine {
  readonly region: string;
  readonly zone: string | null;
  readonly instanceType: string;
  readonly capacityType: CapacityType;
}

/** A price, or in words why there is none. Never zero for "unknown". */
export type NodePrice =
  | { readonly priceMicroUsdPerHour: number; readonly provenance: Provenance }
  | { readonly unknown: string };

/** How old a price may be that is shown. */
const PRICE_AGE_MS = MS_PER_MINUTE;

const LOOKING_UP: NodePrice = { unknown: 'The price is being looked up.' };

/** Prices of the machines that run, looked up once for each kind and kept for a minute. */
export class NodePrices {
  readonly #priceOf: (machine: PricedMachine) => Promise<NodePrice>;
  readonly #clock: Clock;
  readonly #onChanged: (keys: ReadonlySet<string>) => void;
  readonly #known = new Map<string, { machine: PricedMachine; price: NodePrice }>();
  readonly #wanted = new Set<string>();
  #lookups: Promise<void> = Promise.resolve();
  #refreshedAt: number;

  /** `onChanged` hears of the keys (see `priceKey`) whose price is another than before. */
  constructor(
    priceOf: (machine: PricedMachine) => Promise<NodePrice>,
    clock: Clock,
    onChanged: (keys: ReadonlySet<string>) => void,
  ) {
    this.#priceOf = priceOf;
    this.#clock = clock;
    this.#onChanged = onChanged;
    this.#refreshedAt = clock.now();
  }

  /** The price as last looked up; the first question for a kind of machine starts the look-up. */
  of(facts: NodeFacts): NodePrice {
    const { region, zone, instanceType, capacityType } = facts;
    if (instanceType === null) return { unknown: 'The node does not say its instance type.' };
    if (region === null) return { unknown: 'The node does not say its region.' };
    const key = priceKey(facts);
    const known = this.#known.get(key);
    if (known) return known.price;
    this.#known.set(key, { machine: { region, zone, instanceType, capacityType }, price: LOOKING_UP });
    this.#wanted.add(key);
    if (this.#wanted.size === 1) setImmediate(() => void this.#lookUpWanted());
    return LOOKING_UP;
  }

  /** Looks everything up again; kinds of machines that `isUsed` does not know are forgotten. */
  async refresh(isUsed: (key: string) => boolean): Promise<void> {
    this.#refreshedAt = this.#clock.now();
    for (const key of [...this.#known.keys()]) {
      if (isUsed(key)) this.#wanted.add(key);
      else this.#known.delete(key);
    }
    await this.#lookUpWanted();
  }

  /** Whether prices are old enough to be looked up again. */
  isStale(): boolean {
    return this.#clock.now() - this.#refreshedAt >= PRICE_AGE_MS;
  }

  #lookUpWanted(): Promise<void> {
    // One after the other, so that an older answer never overwrites a newer one.
    this.#lookups = this.#lookups.then(async () => {
      const keys = [...this.#wanted];
      this.#wanted.clear();
      const changed = new Set<string>();
      await Promise.all(
        keys.map(async key => {
          const entry = this.#known.get(key);
          if (!entry) return;
          const price = await this.#ask(entry.machine);
          if (JSON.stringify(price) !== JSON.stringify(entry.price)) changed.add(key);
          entry.price = price;
        }),
      );
      if (changed.size > 0) this.#onChanged(changed);
    });
    return this.#lookups;
  }

  async #ask(machine: PricedMachine): Promise<NodePrice> {
    try {
      const price = await this.#priceOf(machine);
      if ('unknown' in price) return price;
      const { priceMicroUsdPerHour: micro } = price;
      if (Number.isSafeInteger(micro) && micro > 0) return price;
      return { unknown: `The price source gave ${micro} micro-USD per hour, which is no price.` };
    } catch (error) {
      return {
        unknown: `The price could not be read: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
  }
}

/** One key for all nodes that cost the same. */
export function priceKey({ region, zone, instanceType, capacityType }: NodeFacts): string {
  return `${region ?? ''}/${zone ?? ''}/${instanceType ?? ''}/${capacityType}`;
}
