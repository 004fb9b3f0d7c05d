import { MS_PER_MINUTE } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';
import type { ClusterRegister } from './cluster-register.ts';
import type { CostStore } from './cost-store.ts';

/** Notes what clusters cost, once a minute, of those whose agent is there. */
export class CostSampler {
  readonly #parts: { readonly costs: CostStore; readonly register: ClusterRegister; readonly clock: Clock };
  #sampledMinute: number;

  constructor(parts: {
    readonly costs: CostStore;
    readonly register: ClusterRegister;
    readonly clock: Clock;
  }) {
    this.#parts = parts;
    this.#sampledMinute = Math.floor(parts.clock.now() / MS_PER_MINUTE);
  }

  /** @returns whether a new minute had begun */
  async sample(): Promise<boolean> {
    const { costs, register, clock } = this.#parts;
    const minute = Math.floor(clock.now() / MS_PER_MINUTE);
    if (minute === this.#sampledMinute) return false;
    this.#sampledMinute = minute;
    const samples = register
      .all()
      .filter(entry => register.stateOf(entry) === 'live' && entry.inventoryAt !== null)
      .map(entry => {
        const { id, costMicroUsdPerHour, nodesWithUnknownPrice } = register.summary(entry);
        return { clusterId: id, atMs: minute * MS_PER_MINUTE, costMicroUsdPerHour, nodesWithUnknownPrice };
      });
    await costs.add(samples, clock.now());
    await costs.thin(clock.now());
    return true;
  }
}
