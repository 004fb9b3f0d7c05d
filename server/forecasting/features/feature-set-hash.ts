import { createHash } from 'node:crypto';
import { featureDefinitions } from './feature-definitions.ts';

const revisions = new Map(featureDefinitions.map(({ name, revision }) => [name, revision]));

/** Names an ordered set of features and their present meaning: 16 hex digits that change when either does. */
export function featureSetHash(names: readonly string[]): string {
  const meaning = names.map(name => `${name}@${revisions.get(name) ?? 0}`).join(',');
  return createHash('sha256').update(meaning).digest('hex').slice(0, 16);
}
