import type { LiveChange, LiveDelta, LiveSnapshot } from './live-topics.ts';

/** What is known of a topic as of `seq` of `epoch`. */
export interface TopicValues {
  readonly epoch: string;
  readonly seq: number;
  readonly values: ReadonlyMap<string, unknown>;
}

/** A topic from scratch. */
export function fromSnapshot(snapshot: LiveSnapshot): TopicValues {
  return { epoch: snapshot.epoch, seq: snapshot.seq, values: changed(new Map(), snapshot.values) };
}

/**
 * The topic after a delta. `undefined` when the delta does not follow on what is held: subscribe again then. A delta
 * of what is held already changes nothing.
 */
export function afterDelta(held: TopicValues, delta: LiveDelta): TopicValues | undefined {
  if (delta.epoch !== held.epoch) return undefined;
  if (delta.seq <= held.seq) return held;
  if (delta.afterSeq !== held.seq) return undefined;
  return { epoch: held.epoch, seq: delta.seq, values: changed(held.values, delta.changes) };
}

/** Values whose key starts with a prefix, in the order in which their keys first appeared. */
export function valuesUnder<Value>(values: ReadonlyMap<string, unknown>, prefix: string): Value[] {
  const found: Value[] = [];
  for (const [key, value] of values) if (key.startsWith(prefix)) found.push(value as Value);
  return found;
}

function changed(
  values: ReadonlyMap<string, unknown>,
  changes: readonly LiveChange[],
): ReadonlyMap<string, unknown> {
  const next = new Map(values);
  for (const { key, value } of changes) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  return next;
}
