import { setImmediate } from 'node:timers/promises';
import type { InventoryObject } from '../../../common/agent-protocol/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../../common/units/index.ts';
import { type PodMeasure, usageOwner } from '../../clusters/index.ts';
import type { ObservedCluster } from '../../decisions/index.ts';
import type { Clock } from '../../platform/index.ts';
import { allocateHour } from './allocate-hour.ts';
import { type AllocationStore, HOURS_KEPT_MS } from './allocation-store.ts';
import { addShares, noShares } from './cost-shares.ts';
import { MeasuredHour, type NodeObservation } from './measured-hour.ts';
import { type CapacityOf, observeNodes } from './observe-nodes.ts';

/** What allocation asks of clusters. */
export interface AllocatedClusters {
  summaries(): readonly { readonly id: string; readonly name: string }[];
  state(clusterId: string): ObservedCluster | undefined;
  measures(clusterId: string): ReadonlyMap<string, PodMeasure>;
}

/** How often clusters are looked at: what lives shorter may go unseen. OpenCost resolves minutes, too. */
const OBSERVE_EVERY_MS = MS_PER_MINUTE;
/** A longer time between two looks (the engine was off) is not guessed at. */
const LONGEST_SLICE_MS = 2 * MS_PER_MINUTE;
/** How much of an hour a kill may cost. */
const SAVE_EVERY_MS = 5 * MS_PER_MINUTE;

/** Measures hour by hour what nodes cost and who holds them, and shares the cost out. */
export class AllocationRecorder {
  readonly #store: AllocationStore;
  readonly #clusters: AllocatedClusters;
  readonly #capacityOf: CapacityOf;
  readonly #clock: Clock;
  /** Hours that are not saved to their end yet, by cluster. */
  readonly #hours = new Map<string, MeasuredHour>();
  readonly #observedAt = new Map<string, number>();
  #lookedAt = 0;
  #savedAt = 0;
  /** Something was seen that is not saved yet. */
  #isDirty = false;
  /** Days before this one are summed up. */
  #summedTo = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: {
    store: AllocationStore;
    clusters: AllocatedClusters;
    capacityOf: CapacityOf;
    clock: Clock;
  }) {
    this.#store = parts.store;
    this.#clusters = parts.clusters;
    this.#capacityOf = parts.capacityOf;
    this.#clock = parts.clock;
  }

  /** Does what is due: looks at the clusters every minute, saves every five, sums up a day that has ended. */
  tick(): Promise<void> {
    return this.#inTurn(async () => {
      const now = this.#clock.now();
      if (now - this.#lookedAt >= OBSERVE_EVERY_MS) await this.#observe(now);
      if (now - this.#savedAt >= SAVE_EVERY_MS || dayOf(now) !== this.#summedTo) await this.#save(now);
    });
  }

  /** Saves all that was seen until now, so that a query finds it. */
  settle(): Promise<void> {
    return this.#inTurn(() => this.#save(this.#clock.now()));
  }

  /** Computes a day (begin, ms UTC) of a cluster anew from what was measured; `undefined` when nothing is kept of it. */
  async recompute(clusterId: string, dayMs: number): Promise<{ hours: number } | undefined> {
    let hours = 0;
    await this.#inTurn(async () => {
      await this.#save(this.#clock.now());
      for (let hourMs = dayMs; hourMs < dayMs + MS_PER_DAY; hourMs += MS_PER_HOUR) {
        const hour = await this.#store.measured(clusterId, hourMs);
        if (!hour) continue;
        await this.#store.saveHours([{ hour, shares: allocateHour(hour) }]);
        hours++;
      }
      // A day whose hours have gone keeps its sum; the present one has none yet.
      if (hours > 0 && dayMs < this.#summedTo) await this.#sumUp(clusterId, dayMs);
    });
    return hours === 0 ? undefined : { hours };
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #observe(now: number): Promise<void> {
    this.#lookedAt = now;
    for (const { id } of this.#clusters.summaries()) {
      const observed = this.#clusters.state(id);
      const since = this.#observedAt.get(id);
      if (observed?.cluster.state !== 'live') {
        this.#observedAt.delete(id);
        continue;
      }
      this.#observedAt.set(id, now);
      if (since === undefined || now - since > LONGEST_SLICE_MS) continue;
      const nodes = this.#look(observed, now);
      // A large cluster takes a while to look at and a while to add up: others get their turn between.
      await setImmediate();
      for (let at = since; at < now; ) {
        const until = Math.min(now, (Math.floor(at / MS_PER_HOUR) + 1) * MS_PER_HOUR);
        (await this.#hourOf(id, at)).add(nodes, until - at);
        this.#isDirty = true;
        at = until;
      }
    }
  }

  #look(observed: ObservedCluster, nowMs: number): NodeObservation[] {
    const { pods, workloads } = observed.inventory;
    const owners = new Map<string, InventoryObject>(
      workloads.map(one => [`${one.kind}/${one.namespace}/${one.name}`, one]),
    );
    const measures = this.#clusters.measures(observed.cluster.id);
    return observeNodes({
      nodes: observed.nodes,
      pods,
      measureOf: pod => measures.get(`${pod.namespace}/${pod.name}`),
      workloadOf: pod => usageOwner(pod, key => owners.get(key)),
      capacityOf: this.#capacityOf,
      nowMs,
    });
  }

  /** The hour of a moment: the one in memory, or what an earlier process saved of it. */
  async #hourOf(clusterId: string, at: number): Promise<MeasuredHour> {
    const hourMs = Math.floor(at / MS_PER_HOUR) * MS_PER_HOUR;
    const known = this.#hours.get(clusterId);
    if (known?.hourMs === hourMs) return known;
    if (known) await this.#saveHour(known);
    const hour = (await this.#store.measured(clusterId, hourMs)) ?? new MeasuredHour(clusterId, hourMs);
    this.#hours.set(clusterId, hour);
    return hour;
  }

  #saveHour(hour: MeasuredHour): Promise<void> {
    return this.#store.saveHours([{ hour, shares: allocateHour(hour) }]);
  }

  async #save(now: number): Promise<void> {
    for (const [clusterId, hour] of this.#hours) {
      if (this.#isDirty) await this.#saveHour(hour);
      if (hour.hourMs + MS_PER_HOUR <= now) this.#hours.delete(clusterId);
    }
    this.#savedAt = now;
    this.#isDirty = false;
    const today = dayOf(now);
    if (today === this.#summedTo) return;
    // After a start, days may have ended while nobody was there.
    const fromMs = this.#summedTo === 0 ? today - HOURS_KEPT_MS : this.#summedTo;
    const ended = new Map<string, { clusterId: string; dayMs: number }>();
    for (const { clusterId, hourMs } of await this.#store.hourKeys(fromMs, today)) {
      const dayMs = dayOf(hourMs);
      ended.set(`${dayMs}/${clusterId}`, { clusterId, dayMs });
    }
    for (const { clusterId, dayMs } of ended.values()) await this.#sumUp(clusterId, dayMs);
    await this.#store.dropOld(today);
    this.#summedTo = today;
  }

  async #sumUp(clusterId: string, dayMs: number): Promise<void> {
    const sum = noShares();
    for await (const { shares } of this.#store.hours(dayMs, dayMs + MS_PER_DAY, clusterId))
      addShares(sum, shares);
    await this.#store.saveDay(clusterId, dayMs, sum);
  }
}

function dayOf(atMs: number): number {
  return Math.floor(atMs / MS_PER_DAY) * MS_PER_DAY;
}
