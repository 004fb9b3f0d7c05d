import type { SyncPart, SyncServer } from '../../../../common/contracts/index.ts';
import type { Tone } from '../../../components/tone-badge.tsx';

/** What is moved, in words. */
export const PARTS: Record<SyncPart, string> = {
  policies: 'Policies',
  models: 'Models',
  plans: 'Plans',
  ledger: 'Savings',
  prices: 'Prices',
};

/** How the connection is, in a word. */
export const STATES: Record<SyncServer['state'], { readonly tone: Tone; readonly word: string }> = {
  waiting: { tone: 'good', word: 'up to date' },
  running: { tone: 'busy', word: 'syncing' },
  failing: { tone: 'risk', word: 'not reached' },
  stopped: { tone: 'neutral', word: 'stopped' },
  refused: { tone: 'risk', word: 'needs you' },
};

/** What may go which way, in a sentence. */
export function rightsText({ mayWrite, mode }: Pick<SyncServer, 'mayWrite' | 'mode'>): string {
  if (mode === 'read-only')
    return 'The two engines are of different versions: each only reads from the other until they are of the same.';
  return mayWrite
    ? 'What is new on either side is brought to the other.'
    : 'The code was for reading: nothing of this engine goes to the server.';
}
