import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PeerFact } from '../../common/contracts/index.ts';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import type { Database } from '../platform/index.ts';
import { FactStore } from './fact-store.ts';
import { syncMigrations } from './sync-tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'fact-store-'));
let database: Database;
let store: FactStore;
beforeAll(async () => {
  database = await openTestDatabase(folder, syncMigrations);
  store = new FactStore(database);
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

/** The state of a log in which things change: of each thing its last change up to a number. */
function logUpTo(changes: readonly number[], upTo: number): PeerFact[] {
  const last = new Map<string, PeerFact>();
  for (const [index, thing] of changes.slice(0, upTo).entries()) {
    const id = `thing-${thing}`;
    last.set(id, { id, seq: index + 1, at: index, body: { change: index + 1 } });
  }
  return [...last.values()].sort((a, b) => a.seq - b.seq);
}

describe('pages of facts', () => {
  it('may come in any order and any number: what is here is always the whole beginning of what was told', async () => {
    let n = 0;
    const delivery = fc.record({
      after: fc.integer({ min: 0, max: 12 }),
      limit: fc.integer({ min: 1, max: 4 }),
      // What the other side had when it cut the page.
      upTo: fc.integer({ min: 1, max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 }),
        fc.array(delivery, { minLength: 1, maxLength: 25 }),
        async (changes, deliveries) => {
          const origin = `engine-${n++}`;
          let cursor = 0;
          for (const { after, limit, upTo } of deliveries) {
            const facts = logUpTo(changes, upTo)
              .filter(({ seq }) => seq > after)
              .slice(0, limit);
            const next = await store.add('plans', { origin, name: 'n', after, facts });
            expect(next).toBeGreaterThanOrEqual(cursor);
            cursor = next;
            const held = await store.after('plans', origin, 0, 100);
            const ids = new Set(logUpTo(changes, cursor).map(({ id }) => id));
            // Nothing up to the cursor is missing, and nothing is older than it was at the cursor.
            for (const fact of held) expect(fact.body).toEqual({ change: fact.seq });
            for (const fact of logUpTo(changes, cursor)) {
              const here = held.find(({ id }) => id === fact.id);
              const changedLater = changes.slice(cursor).includes(Number(fact.id.slice('thing-'.length)));
              if (changedLater) continue;
              expect(here).toEqual(fact);
            }
            expect(held.every(({ id }) => ids.has(id))).toBe(true);
          }
        },
      ),
      { seed: 5, numRuns: 40 },
    );
  }, 60_000);

  it('before which something is missing change nothing', async () => {
    const facts = [{ id: 'a', seq: 9, at: 1, body: {} }];
    expect(await store.add('plans', { origin: 'gap', name: 'n', after: 5, facts })).toBe(0);
    expect(await store.after('plans', 'gap', 0, 10)).toEqual([]);
  });
});
