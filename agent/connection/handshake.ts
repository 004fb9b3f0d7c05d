import {
  type Handshake,
  type HandshakeRefusal,
  protocolVersion,
  taskAction,
} from '../../common/agent-protocol/index.ts';
import type { Identity } from '../identity-store.ts';
import { agentVersion } from '../version.ts';

/**
 * First words of the agent on every link.
 * @param leaderEpoch of an agent that has several replicas
 */
export function handshakeOf(
  identity: Identity,
  lastAckedSeq: number,
  leaderEpoch: number | undefined,
): Handshake {
  const { agentId, key, clusterId, instanceId, bootEpoch } = identity;
  return {
    // What it says is of its own version alone: an older server could not read it.
    protocolMin: protocolVersion,
    protocolMax: protocolVersion,
    capabilities: [...taskAction.options.map(({ shape }) => shape.kind.value), 'rotate-key'],
    agentVersion,
    agentId,
    key,
    clusterId,
    instanceId,
    bootEpoch,
    lastAckedSeq,
    ...(leaderEpoch === undefined ? {} : { leaderEpoch }),
  };
}

/** Why the server turned the agent away, and what to do. */
export function refusalSentence(code: HandshakeRefusal, serverUrl: string, said: string): string {
  const todo: Record<HandshakeRefusal, string> = {
    unauthenticated: 'remove identity.json from the data folder and enrol again with a new join token',
    revoked: 'enrol again with a new join token if that was a mistake',
    superseded: 'another copy of this agent works; end this one for good unless they lead in turns',
    'protocol-too-old': 'update the agent',
    'protocol-too-new': 'update CloudOptim, or use an older agent',
    malformed: 'agent and server do not fit together, update the agent',
  };
  return `CloudOptim at ${serverUrl} turned this agent away (${code}): ${said.replace(/[.\s]+$/, '')}; ${todo[code]}.`;
}
