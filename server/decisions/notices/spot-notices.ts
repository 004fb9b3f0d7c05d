import type { NodeView } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { MS_PER_MINUTE, MS_PER_SECOND } from '../../../common/units/index.ts';
import { type Clock, type Logger, newId } from '../../platform/index.ts';
import type { ClusterControl } from '../neighbours.ts';
import type { Policies } from '../policy/policies.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import { clusterHold } from '../policy/start-hold.ts';
import type { NoticeStore, StoredNotice } from './notice-store.ts';

/** From the notice to the end of the instance, as AWS promises. */
const NOTICE_MS = 2 * MS_PER_MINUTE;
/** A drain ends this long before, so that the last pods have time to stop. */
const SPARE_MS = 15 * MS_PER_SECOND;
/** Less is not enough to move a pod. */
const LEAST_MS = 5 * MS_PER_SECOND;
/** A node that is still there so long after a notice was not taken: it is given back. */
const GIVEN_BACK_AFTER_MS = 15 * MS_PER_MINUTE;
const UNCORDON_MS = 5 * MS_PER_MINUTE;

/** AWS is about to take a Spot node away. */
export interface SpotNotice {
  readonly clusterId: string;
  readonly nodeName: string;
  /** ms UTC, as the agent has it. */
  readonly atMs: number;
}

interface SpotNoticeParts {
  readonly store: NoticeStore;
  readonly clusters: ClusterControl;
  readonly policies: Pick<Policies, 'inForce'>;
  readonly clock: Clock;
  readonly log: Logger;
}

type Judged = { readonly drain: true } | { readonly drain: false; readonly why: string };

/**
 * Answers notices of Spot interruptions where a policy says so: the node is cordoned at once, and drained while there is time. A node
 * is answered for once, however often, late or mixed up its notices come, and after a restart of this engine, too. One that AWS
 * leaves after all is given back. Maintenance windows and disruption budgets do not hold this back: the node goes in any case.
 */
export class SpotNotices {
  readonly #parts: SpotNoticeParts;
  readonly #underWay = new Set<string>();

  constructor(parts: SpotNoticeParts) {
    this.#parts = parts;
  }

  /** Does nothing for a node that is not there, was answered for, or whose policy only tells of notices. */
  async answer({ clusterId, nodeName, atMs }: SpotNotice): Promise<void> {
    const { store, clusters, policies, clock } = this.#parts;
    const node = clusters.state(clusterId)?.nodes.find(({ name }) => name === nodeName);
    if (!node || isElsewhere(clusters, clusterId)) return;
    const inForce = await policies.inForce(clusterId);
    if (inForce.document.spotInterruptions !== 'drain') return;
    const now = clock.now();
    const noticedAt = Math.min(atMs, now);
    const tasks = { cordonTask: newId('task'), drainTask: newId('task') };
    const notice = { clusterId, nodeUid: node.uid, nodeName, noticedAt, actor: inForce.label, ...tasks };
    if (!(await store.begin(notice))) return;
    const judged = this.#judge(node, inForce, noticedAt);
    if (judged.drain) await this.#act(notice);
    else {
      await store.close(notice, now);
      await this.#tell(notice, `Not drained by CloudOptim: ${judged.why}`);
    }
  }

  /** Goes on with what a restart interrupted, and gives nodes back that are still there. */
  async lookAfter(): Promise<void> {
    const { store, clock } = this.#parts;
    for (const notice of await store.open()) {
      if (clock.now() >= notice.noticedAt + GIVEN_BACK_AFTER_MS) await this.#giveBack(notice);
      else await this.#act(notice);
    }
  }

  #judge(node: NodeView, inForce: PolicyInForce, noticedAt: number): Judged {
    const now = this.#parts.clock.now();
    const always = { ...inForce.document, windows: { allow: [], deny: [] } };
    const hold = clusterHold({ ...inForce, document: always }, now);
    if (hold) return { drain: false, why: hold.text };
    if (node.capacityType === 'on-demand')
      return { drain: false, why: 'the cluster calls it on-demand, which AWS does not interrupt.' };
    if (node.owner?.kind === 'karpenter') return { drain: false, why: 'Karpenter drains its nodes itself.' };
    const leftMs = drainMs(noticedAt, now);
    if (leftMs < LEAST_MS) {
      return {
        drain: false,
        why: `the notice came ${Math.round((now - noticedAt) / MS_PER_SECOND)} s after AWS gave it, of the 120 s until the end.`,
      };
    }
    return { drain: true };
  }

  async #act(notice: StoredNotice): Promise<void> {
    const { clusters, clock, log } = this.#parts;
    const key = `${notice.clusterId}/${notice.nodeUid}`;
    const deadlineMs = drainMs(notice.noticedAt, clock.now());
    if (deadlineMs < LEAST_MS) return this.#giveUp(notice);
    if (this.#underWay.has(key)) return;
    this.#underWay.add(key);
    try {
      const node = { name: notice.nodeName, uid: notice.nodeUid };
      const { clusterId, actor } = notice;
      // The cordon apart from the drain, which would take its own back when it does not end in time.
      const orders = [
        { taskId: notice.cordonTask, action: { kind: 'cordon', node } },
        { taskId: notice.drainTask, action: { kind: 'drain', node, deleteLocalStorage: true } },
      ] as const;
      let sent = 0;
      for (const order of orders) {
        if (await clusters.getTask(order.taskId)) continue;
        await clusters.sendTask(clusterId, { ...order, deadlineMs, dryRun: false, actor });
        sent++;
      }
      if (sent === 0) return;
      await this.#tell(notice, `AWS takes it away: cordon and drain were ordered by ${notice.actor}.`);
    } catch (error) {
      // The agent left between notice and answer; it is tried again while there is time.
      if (!(error instanceof AppError)) throw error;
      log.warn({ ...notice, reason: error.message }, 'a Spot notice could not be answered yet');
    } finally {
      this.#underWay.delete(key);
    }
  }

  /** What was sent ends by its own deadline; of what was not, somebody has to hear. */
  async #giveUp(notice: StoredNotice): Promise<void> {
    const { store, clusters, clock } = this.#parts;
    if (await clusters.getTask(notice.cordonTask)) return;
    await store.close(notice, clock.now());
    await this.#tell(notice, 'Not drained by CloudOptim: its agent was away.');
  }

  async #giveBack(notice: StoredNotice): Promise<void> {
    const { store, clusters, clock, log } = this.#parts;
    const { clusterId, nodeUid, nodeName, actor } = notice;
    const state = clusters.state(clusterId);
    if (!state) return;
    const node = state.nodes.find(({ uid }) => uid === nodeUid);
    if (node?.cordoned && !isElsewhere(clusters, clusterId)) {
      const action = { kind: 'uncordon', node: { name: nodeName, uid: nodeUid } } as const;
      try {
        await clusters.sendTask(clusterId, { action, deadlineMs: UNCORDON_MS, dryRun: false, actor });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        log.warn({ ...notice, reason: error.message }, 'a node cannot be given back yet');
        return;
      }
      await this.#tell(notice, 'AWS did not take it within 15 minutes: it is uncordoned again.');
    }
    await store.close(notice, clock.now());
  }

  async #tell({ clusterId, nodeName }: Pick<StoredNotice, 'clusterId' | 'nodeName'>, message: string) {
    await this.#parts.clusters.noteEvent(clusterId, {
      reason: 'SpotNoticeAnswered',
      object: `Node//${nodeName}`,
      message,
      severity: 'info',
    });
  }
}

function drainMs(noticedAt: number, now: number): number {
  return noticedAt + NOTICE_MS - SPARE_MS - now;
}

function isElsewhere(clusters: ClusterControl, clusterId: string): boolean {
  const { home } = clusters.summaries().find(({ id }) => id === clusterId) ?? {};
  return home?.movedTo !== undefined && home.movedTo !== null;
}
