import { expect, it } from 'vitest';
import { createArchiveUploads } from './archive-uploads.ts';

const address = { baseUrl: '', token: undefined };
const file = (name: string) => new File(['x'], name);

it('sends one file after the other, and then knows its job', async () => {
  const sent: string[] = [];
  const uploads = createArchiveUploads(
    () => 0,
    async (_, { name }, order) => {
      sent.push(`${name} ${order.region}`);
      return { jobId: `job of ${name}` } as never;
    },
  );
  await uploads.offer(address, [file('a.csv'), file('b.csv')], { region: 'eu-west-1' });
  expect(sent).toEqual(['a.csv eu-west-1', 'b.csv eu-west-1']);
  expect(uploads.list()).toMatchObject([{ jobId: 'job of a.csv' }, { jobId: 'job of b.csv' }]);
});

it('goes on with the next file when one is cancelled or fails', async () => {
  const uploads = createArchiveUploads(
    () => 0,
    (_, { name }, _order, { signal }) =>
      new Promise((resolve, reject) => {
        if (name === 'bad.csv') reject(new Error('no'));
        else if (name === 'good.csv') resolve({ jobId: 'good' } as never);
        else signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  const done = uploads.offer(address, [file('slow.csv'), file('bad.csv'), file('good.csv')], {});
  await Promise.resolve();
  const [slow] = uploads.list();
  uploads.cancel(slow?.id ?? 0);
  await done;
  expect(uploads.list().map(({ phase }) => phase)).toEqual(['cancelled', 'failed', 'queued']);
  for (const { id } of uploads.list()) uploads.dismiss(id);
  expect(uploads.list()).toEqual([]);
});
