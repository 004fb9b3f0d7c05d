import type { AgentMessageBatch } from '../../common/agent-protocol/index.ts';
import type { AgentIdentity, Clock } from '../platform/index.ts';
import type { ClusterEntry } from './cluster-register.ts';
import type { EnrolmentStore } from './enrolment-store.ts';
import { type HeardBatch, readBatchOf } from './read-batch-of.ts';
import type { Usage } from './usage/usage.ts';

/** How long reports are gathered: nobody waits for them, and thousands of agents share a commit. */
const GATHER_MS = 250;
/** So many are committed without waiting for more. */
const MOST_TOGETHER = 500;
/** An agent that reports again so soon after its last report was taken catches up: it sends when it is answered … */
const CATCH_UP_MS = 1_000;
/** … and so do the others of its kind: they are committed as soon as no more of them come for a moment. */
const MOMENT_MS = 2;

interface Waiting {
  readonly agent: AgentIdentity;
  readonly entry: ClusterEntry;
  readonly batch: AgentMessageBatch;
  readonly resolve: (heard: HeardBatch) => void;
  readonly reject: (error: unknown) => void;
}

type Verdict = { readonly heard: HeardBatch } | { readonly refusal: unknown };

/** Whether a batch tells of usage and nothing else, as most do. */
export function isUsageAlone({ messages }: AgentMessageBatch): boolean {
  return messages.length > 0 && messages.every(({ body }) => body.kind === 'usage');
}

/**
 * Commits batches of usage of all agents together, with few statements. The rules are those of any batch: one that breaks them is
 * refused alone. At most one batch of a cluster may wait here.
 */
export class UsageIntake {
  readonly #store: EnrolmentStore;
  readonly #usage: Usage;
  readonly #clock: Clock;
  /** By cluster. */
  #waiting = new Map<string, Waiting>();
  #gathering: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;

  constructor(store: EnrolmentStore, usage: Usage, clock: Clock) {
    this.#store = store;
    this.#usage = usage;
    this.#clock = clock;
  }

  /**
   * Resolves once the batch is on disk.
   * @throws AppError as `readBatchOf`; whatever the database throws, and then nothing of those that waited together is kept
   */
  commit(agent: AgentIdentity, entry: ClusterEntry, batch: AgentMessageBatch): Promise<HeardBatch> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(entry.id, { agent, entry, batch, resolve, reject });
      this.#gathering ??= setTimeout(() => this.#flush(), GATHER_MS);
      if (this.#waiting.size >= MOST_TOGETHER) this.#flush();
      else if (entry.usageAt !== null && this.#clock.now() - entry.usageAt < CATCH_UP_MS) {
        if (this.#quiet) this.#quiet.refresh();
        else this.#quiet = setTimeout(() => this.#flush(), MOMENT_MS);
      }
    });
  }

  /** Something of this cluster that is urgent stands behind its usage. */
  hurry(clusterId: string): void {
    if (this.#waiting.has(clusterId)) this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#gathering);
    clearTimeout(this.#quiet);
    this.#gathering = undefined;
    this.#quiet = undefined;
    const together = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#commitAll(together).then(
      verdicts => {
        for (const [place, { resolve, reject }] of together.entries()) {
          const verdict = verdicts[place];
          if (verdict && 'heard' in verdict) resolve(verdict.heard);
          else reject(verdict?.refusal);
        }
      },
      (error: unknown) => {
        for (const { reject } of together) reject(error);
      },
    );
  }

  #commitAll(together: readonly Waiting[]): Promise<Verdict[]> {
    return this.#store.write(async transaction => {
      const speakers = await this.#store.findSpeakersIn(
        transaction,
        together.map(({ agent }) => agent.agentId),
      );
      const verdicts = together.map(({ agent, batch }): Verdict => {
        try {
          return { heard: readBatchOf(speakers.get(agent.agentId), batch) };
        } catch (refusal) {
          return { refusal };
        }
      });
      const told = together.flatMap(({ entry }, place) => {
        const verdict = verdicts[place];
        if (!verdict || !('heard' in verdict)) return [];
        return [{ entry, heard: verdict.heard }];
      });
      await this.#usage.noteAllIn(
        transaction,
        told.map(({ entry, heard }) => ({
          clusterId: entry.id,
          fresh: heard.fresh,
          reported: entry.inventory.reported,
        })),
      );
      await this.#store.moveCursorsIn(
        transaction,
        told.map(({ heard }) => heard.moved),
      );
      return verdicts;
    });
  }
}
