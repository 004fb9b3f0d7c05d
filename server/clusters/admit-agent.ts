import { z } from 'zod';
import {
  type Handshake,
  type HandshakeRefusal,
  handshake,
  oldestProtocolVersion,
  protocolVersion,
} from '../../common/agent-protocol/index.ts';
import { type AgentIdentity, type Clock, hashSecret, sameDigest } from '../platform/index.ts';
import type { AgentRow, ClusterRow, EnrolmentStore } from './enrolment-store.ts';
import { type AgentCursor, enterBoot } from './read-cursor.ts';

/** An agent whose handshake was accepted. */
export interface AdmittedAgent extends AgentIdentity {
  readonly bootEpoch: number;
  readonly agentVersion: string;
  readonly protocol: number;
  /** Of replicas that lead in turns. */
  readonly leaderEpoch: number | undefined;
  /** Its inventory has to come anew. */
  readonly needsSnapshot: boolean;
  /** It can store a new key. */
  readonly takesKeys: boolean;
}

export type Admission =
  | { readonly ok: true; readonly agent: AdmittedAgent }
  | { readonly ok: false; readonly refusal: HandshakeRefusal; readonly message: string };

/** Read alone first: a handshake of another version may have another shape. */
const versionRange = z.object({ protocolMin: z.number().int(), protocolMax: z.number().int() });

/** Why no version fits both sides; `undefined` when one does. */
export function refuseVersion(
  agent: { protocolMin: number; protocolMax: number },
  server = { oldest: oldestProtocolVersion, newest: protocolVersion },
): { refusal: HandshakeRefusal; message: string } | undefined {
  const spoken = `this server speaks ${server.oldest} to ${server.newest}`;
  if (agent.protocolMax < server.oldest) {
    return {
      refusal: 'protocol-too-old',
      message: `The agent speaks protocol ${agent.protocolMax}, ${spoken}: update the agent.`,
    };
  }
  if (agent.protocolMin > server.newest) {
    return {
      refusal: 'protocol-too-new',
      message: `The agent speaks protocol ${agent.protocolMin}, ${spoken}: update the server.`,
    };
  }
  return undefined;
}

/**
 * Checks a handshake and, in one commit, raises the boot epoch, so that an earlier start of the same agent is
 * fenced off from here on, and the leader epoch of its cluster, so that a replica that led before is.
 */
export async function admitAgent(store: EnrolmentStore, clock: Clock, auth: unknown): Promise<Admission> {
  const versions = versionRange.safeParse(auth);
  if (!versions.success) return malformed(versions.error);
  const wrongVersion = refuseVersion(versions.data);
  if (wrongVersion) return { ok: false, ...wrongVersion };
  const parsed = handshake.safeParse(auth);
  if (!parsed.success) return malformed(parsed.error);
  const hello = parsed.data;
  const keyHash = hashSecret(hello.key);

  return store.write(async (transaction): Promise<Admission> => {
    const row = await store.findAgentIn(transaction, hello.agentId);
    const fits = row && keyThatFits(row, keyHash);
    if (!row || !fits || row.cluster_id !== hello.clusterId) {
      return { ok: false, refusal: 'unauthenticated', message: 'This agent and key are not known here.' };
    }
    if (row.revoked_at !== null) {
      return { ok: false, refusal: 'revoked', message: 'The key of this agent was revoked.' };
    }
    if (hello.bootEpoch < row.boot_epoch) {
      return {
        ok: false,
        refusal: 'superseded',
        message: `Start ${row.boot_epoch} of this agent was seen; this is start ${hello.bootEpoch}.`,
      };
    }
    const cluster = await store.findClusterIn(transaction, row.cluster_id);
    const outled = cluster && refuseLeader(cluster, hello);
    if (outled) return { ok: false, refusal: 'superseded', message: outled };
    if (fits === 'next') await store.settleKeyIn(transaction, row.id, keyHash, clock.now());
    const entered = enterBoot(cursorOf(row), hello.bootEpoch);
    // The agent holds an acknowledgement that is not on this disk, e.g. after a restored backup.
    const needsSnapshot = entered.needsSnapshot || hello.lastAckedSeq > entered.ackedSeq;
    await store.updateAgentIn(transaction, row.id, {
      ...rowOf({ ...entered, needsSnapshot }),
      protocol: hello.protocolMax,
    });
    await store.updateClusterIn(transaction, row.cluster_id, {
      agent_version: hello.agentVersion,
      last_seen_at: clock.now(),
      ...(hello.leaderEpoch === undefined
        ? {}
        : { leader_epoch: hello.leaderEpoch, leader_agent_id: row.id }),
    });
    const { agentVersion, bootEpoch, capabilities, leaderEpoch, protocolMax: protocol } = hello;
    const takesKeys = capabilities.includes('rotate-key');
    return {
      ok: true,
      agent: {
        agentId: row.id,
        clusterId: row.cluster_id,
        bootEpoch,
        agentVersion,
        protocol,
        leaderEpoch,
        needsSnapshot,
        takesKeys,
      },
    };
  });
}

/** Why a replica may not speak for its cluster; `undefined` when it may. */
function refuseLeader(
  cluster: Pick<ClusterRow, 'leader_epoch' | 'leader_agent_id'>,
  { agentId, leaderEpoch }: Pick<Handshake, 'agentId' | 'leaderEpoch'>,
): string | undefined {
  const { leader_epoch: newest, leader_agent_id: leader } = cluster;
  if (leaderEpoch === undefined) {
    return newest === 0
      ? undefined
      : 'The agents of this cluster lead in turns, and this one does not: start it with --leader-election, or enrol one alone.';
  }
  if (leaderEpoch > newest || (leaderEpoch === newest && leader === agentId)) return undefined;
  return `A leader of epoch ${newest} was seen; this one is of epoch ${leaderEpoch}.`;
}

/** The agent behind `<agentId>.<key>`; `undefined` when unknown. */
export async function verifyAgent(
  store: EnrolmentStore,
  clock: Clock,
  secret: string,
): Promise<AgentIdentity | 'revoked' | undefined> {
  const dot = secret.indexOf('.');
  if (dot < 0) return undefined;
  const row = await store.findAgent(secret.slice(0, dot));
  const keyHash = hashSecret(secret.slice(dot + 1));
  const fits = row && keyThatFits(row, keyHash);
  if (!row || !fits) return undefined;
  if (row.revoked_at !== null) return 'revoked';
  if (fits === 'next') {
    await store.write(transaction => store.settleKeyIn(transaction, row.id, keyHash, clock.now()));
  }
  return { agentId: row.id, clusterId: row.cluster_id };
}

/** Which of the keys of an agent this is: the present one, or the one that was offered and is used for the first time. */
function keyThatFits(row: AgentRow, keyHash: string): 'present' | 'next' | undefined {
  if (sameDigest(row.key_hash, keyHash)) return 'present';
  return row.next_key_hash !== null && sameDigest(row.next_key_hash, keyHash) ? 'next' : undefined;
}

/** How far an agent's messages were committed. */
export function cursorOf(row: Pick<AgentRow, 'boot_epoch' | 'acked_seq' | 'needs_snapshot'>): AgentCursor {
  return { bootEpoch: row.boot_epoch, ackedSeq: row.acked_seq, needsSnapshot: row.needs_snapshot === 1 };
}

/** The columns of a cursor. */
export function rowOf(cursor: AgentCursor): Pick<AgentRow, 'boot_epoch' | 'acked_seq' | 'needs_snapshot'> {
  return {
    boot_epoch: cursor.bootEpoch,
    acked_seq: cursor.ackedSeq,
    needs_snapshot: cursor.needsSnapshot ? 1 : 0,
  };
}

function malformed(error: z.ZodError): Admission {
  const [first] = error.issues;
  return {
    ok: false,
    refusal: 'malformed',
    message: `The handshake cannot be read: ${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`,
  };
}
