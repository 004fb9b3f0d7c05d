import { type FactKind, plan, savingsEntry } from '../../common/contracts/index.ts';
import type { Decisions } from '../decisions/index.ts';
import type { Savings } from '../savings/index.ts';
import type { FactSource } from './fact-book.ts';

/** What this engine tells others of its plans, as lists tell them, and of its ledger of savings. */
export function ownFacts(
  decisions: Pick<Decisions, 'changes'>,
  savings: Pick<Savings, 'changes'>,
): Readonly<Record<FactKind, FactSource>> {
  return {
    plans: {
      schema: plan,
      last: () => decisions.changes.lastChange(),
      after: async (seq, limit) =>
        (await decisions.changes.changedPlans(seq, limit)).map(({ change, plan: one }) => ({
          id: one.id,
          seq: change,
          at: one.createdAt,
          body: one,
        })),
    },
    ledger: {
      schema: savingsEntry,
      last: () => savings.changes.lastChange(),
      after: async (seq, limit) =>
        (await savings.changes.changedEntries(seq, limit)).map(({ change, entry }) => ({
          id: entry.id,
          seq: change,
          at: entry.startedAt,
          body: entry,
        })),
    },
  };
}
