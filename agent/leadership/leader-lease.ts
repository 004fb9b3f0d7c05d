import { type ApiAnswer, statusMessage } from '../kubernetes/kubernetes-api.ts';
import { errorText } from '../log.ts';
import { pause } from '../pause.ts';
import { type LeadershipOptions, leaseRequestMs } from './leadership-options.ts';
import { type LeaseObject, leasePath, microTime } from './lease-object.ts';

/** A lease that was just taken. */
export interface HeldLease {
  readonly epoch: number;
  readonly object: LeaseObject;
  /** When the request that took it was sent, by the monotonic clock. */
  readonly sentAtMs: number;
}

interface WaitingWrite {
  readonly changes: Readonly<Record<string, string | null>>;
  readonly stored: () => void;
  readonly failed: (error: Error) => void;
}

/**
 * A held lease. It is renewed until it is lost or given up, and carries notes in its annotations: each write has the
 * resourceVersion as its condition, so that nobody writes who does not lead any more.
 */
export class LeaderLease {
  /** Grows with each leader. */
  readonly epoch: number;
  readonly #options: LeadershipOptions;
  readonly #lost = new AbortController();
  #annotations: Record<string, string>;
  #resourceVersion: string | undefined;
  #holdsUntilMs: number;
  #waiting: WaitingWrite[] = [];
  #wake: (() => void) | undefined;
  #isGivenUp = false;
  readonly #renewing: Promise<void>;

  constructor(options: LeadershipOptions, held: HeldLease) {
    this.#options = options;
    this.epoch = held.epoch;
    this.#annotations = { ...held.object.metadata?.annotations };
    this.#resourceVersion = held.object.metadata?.resourceVersion;
    this.#holdsUntilMs = held.sentAtMs + options.times.renewDeadlineMs;
    this.#renewing = this.#renew();
    void this.#watch();
  }

  /**
   * Whether this process still leads: the last renewal was sent less than two thirds of the lease ago by its own monotonic
   * clock. The others wait until it ran out, so a change that is under way has the last third to arrive. Asked before every
   * change.
   */
  holds(): boolean {
    if (this.#lost.signal.aborted || this.#isGivenUp) return false;
    if (this.#options.monotonicMs() < this.#holdsUntilMs) return true;
    this.#lose(`it was not renewed for ${this.#options.times.renewDeadlineMs / 1000} s`);
    return false;
  }

  /** Aborts when the lease is lost; its reason is a sentence. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Notes on the Lease, by annotation. */
  get notes(): Readonly<Record<string, string>> {
    return this.#annotations;
  }

  /** Writes notes, `null` removes one. Resolves when they are in the cluster; rejects when the lease is lost before. */
  write(changes: Readonly<Record<string, string | null>>): Promise<void> {
    if (this.#isOver) return Promise.reject(notLeading());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ changes, stored: resolve, failed: reject });
    this.#wake?.();
    return promise;
  }

  /** Gives the lease up, so that another replica need not wait until it runs out. Nothing may be changed any more before. */
  async giveUp(): Promise<void> {
    if (this.#isOver) return;
    this.#isGivenUp = true;
    this.#wake?.();
    await this.#renewing;
    try {
      await this.#patch({}, { holderIdentity: '', leaseDurationSeconds: 1 });
    } catch {
      // It runs out by itself.
    }
  }

  get #isOver(): boolean {
    return this.#lost.signal.aborted || this.#isGivenUp;
  }

  /** One write at a time: each has the version that the one before left. What waits meanwhile goes together. */
  async #renew(): Promise<void> {
    while (!this.#isOver) {
      if (this.#waiting.length === 0) await this.#untilDue();
      if (this.#isOver) break;
      const batch = this.#waiting.splice(0);
      const changes = Object.assign({}, ...batch.map(one => one.changes));
      if (await this.#tryToStore(changes)) {
        for (const { stored } of batch) stored();
      } else {
        this.#waiting.unshift(...batch);
        await pause(Math.min(500, this.#options.times.retryMs), this.#lost.signal);
      }
    }
    for (const { failed } of this.#waiting.splice(0)) failed(notLeading());
  }

  async #tryToStore(changes: Readonly<Record<string, string | null>>): Promise<boolean> {
    const { log } = this.#options;
    const sentAtMs = this.#options.monotonicMs();
    try {
      const answer = await this.#patch(changes, {});
      if (answer.code === 200) {
        this.#keep(answer.body as LeaseObject);
        this.#holdsUntilMs = sentAtMs + this.#options.times.renewDeadlineMs;
        return true;
      }
      if (answer.code === 404) this.#lose('it was deleted');
      // Somebody else wrote it, or an earlier write of ours arrived whose answer did not.
      else if (answer.code === 409) await this.#readAgain();
      else log.warn('The lease could not be renewed; trying again', { reason: statusMessage(answer) });
    } catch (error) {
      log.warn('The lease could not be renewed; trying again', { reason: errorText(error) });
    }
    return false;
  }

  async #readAgain(): Promise<void> {
    const { api, lease, identity } = this.#options;
    const signal = AbortSignal.timeout(leaseRequestMs);
    const answer = await api.call({ method: 'GET', path: leasePath(lease), signal });
    if (answer.code === 404) this.#lose('it was deleted');
    if (answer.code !== 200) return;
    const seen = answer.body as LeaseObject;
    const holder = seen.spec?.holderIdentity ?? '';
    if (holder === identity) this.#keep(seen);
    else this.#lose(holder === '' ? 'it was given up by hand' : `${holder} has it now`);
  }

  #patch(
    annotations: Readonly<Record<string, string | null>>,
    spec: NonNullable<LeaseObject['spec']>,
  ): Promise<ApiAnswer> {
    const { api, lease, identity, now } = this.#options;
    const renewTime = microTime(now());
    return api.call({
      method: 'PATCH',
      path: leasePath(lease),
      contentType: 'application/merge-patch+json',
      body: {
        metadata: { resourceVersion: this.#resourceVersion, annotations },
        spec: {
          holderIdentity: identity,
          leaseDurationSeconds: this.#options.times.durationMs / 1000,
          renewTime,
          ...spec,
        },
      },
      signal: AbortSignal.timeout(leaseRequestMs),
    });
  }

  #keep({ metadata = {} }: LeaseObject): void {
    this.#resourceVersion = metadata.resourceVersion;
    this.#annotations = { ...metadata.annotations };
  }

  /** Resolves when a renewal is due or there is something to write. */
  #untilDue(): Promise<void> {
    return new Promise(resolve => {
      const due = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(due, this.#options.times.retryMs);
      this.#wake = due;
    });
  }

  /** Notices the end also while nothing is changed. */
  async #watch(): Promise<void> {
    while (this.holds()) {
      await pause(this.#holdsUntilMs - this.#options.monotonicMs(), this.#lost.signal);
    }
  }

  #lose(why: string): void {
    if (this.#isOver) return;
    this.#lost.abort(`This replica does not lead any more: ${why}.`);
    this.#wake?.();
  }
}

function notLeading(): Error {
  return new Error('This replica does not lead any more.');
}
