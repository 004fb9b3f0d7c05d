import { type AgentMessageBatch, agentMessageBatch } from './messages.ts';

/**
 * Reads a batch as `agentMessageBatch` does; `undefined` when that refuses it. Nearly all that agents say are reports of usage: those
 * are checked by hand and taken as they are, without a copy; every other batch is read by the schema. A field that the schema does not
 * know is passed over in both, but only the schema leaves it out.
 */
export function readMessageBatch(value: unknown): AgentMessageBatch | undefined {
  return isUsageBatch(value) ? value : agentMessageBatch.safeParse(value).data;
}

const MOST_MESSAGES = 500;

function isUsageBatch(value: unknown): value is AgentMessageBatch {
  if (!isObject(value) || !Number.isSafeInteger(value.bootEpoch)) return false;
  const { messages, outbox } = value;
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MOST_MESSAGES) return false;
  if (outbox !== undefined && !isOutbox(outbox)) return false;
  for (const message of messages) if (!isUsageMessage(message)) return false;
  return true;
}

/** Shown to people as it is, so that no other field may be in it. */
function isOutbox(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length !== 2) return false;
  const { waiting, dropped } = value;
  if (!Number.isSafeInteger(waiting) || !isObject(dropped) || Array.isArray(dropped)) return false;
  for (const kind of Object.keys(dropped)) if (!Number.isSafeInteger(dropped[kind])) return false;
  return !Object.hasOwn(dropped, '__proto__');
}

function isUsageMessage(value: unknown): boolean {
  if (!isObject(value) || !Number.isSafeInteger(value.at)) return false;
  const { seq, body } = value;
  if (!Number.isSafeInteger(seq) || (seq as number) <= 0) return false;
  if (!isObject(body) || body.kind !== 'usage') return false;
  const { nodes, pods } = body;
  if (!Array.isArray(nodes) || !Array.isArray(pods)) return false;
  for (const node of nodes) if (!isMeasure(node)) return false;
  for (const pod of pods) {
    if (!isMeasure(pod) || typeof pod.namespace !== 'string') return false;
    const { containers } = pod;
    if (containers === undefined) continue;
    if (!Array.isArray(containers)) return false;
    for (const container of containers) if (!isMeasure(container)) return false;
  }
  return true;
}

/** Something with a name, and what it used. */
function isMeasure(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || typeof value.name !== 'string') return false;
  const { used } = value;
  return isObject(used) && Number.isFinite(used.cpuMilli) && Number.isFinite(used.memoryBytes);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
