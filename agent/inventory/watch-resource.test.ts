import { expect, it } from 'vitest';
import { watchResource } from './watch-resource.ts';

/** Watches something that the API forbids; what was told until the end of the first round. */
async function watchForbidden(mayBeRefused: boolean) {
  const end = new AbortController();
  const told: string[] = [];
  const refusal = { code: 403, body: { message: 'User "agent" cannot list resource "namespaces"' } };
  const watching = watchResource({
    api: { list: async () => refusal } as never,
    path: '/api/v1/namespaces',
    mayBeRefused,
    signal: end.signal,
    random: () => 0,
    listInTurn: list => list(),
    observer: {
      onListStarted: () => {},
      onListed: () => told.push('listed'),
      onListComplete: () => told.push('complete'),
      onChanged: () => {},
      onGone: () => {},
      onTrouble: reason => {
        told.push(reason ?? 'well');
        setImmediate(() => end.abort());
      },
    },
  });
  await watching;
  return told;
}

it('goes on without what an older role does not allow, and says so', async () => {
  const reason = expect.stringContaining('cannot list resource "namespaces"');
  expect(await watchForbidden(true)).toEqual(['complete', reason]);
  // What may not lack keeps the picture from being complete.
  expect(await watchForbidden(false)).toEqual([reason]);
});
