import { expect, it } from 'vitest';
import type { Model, ModelDraft } from '../../common/contracts/index.ts';
import { ApiError } from './api-error.ts';
import { createModelUploads } from './model-uploads.ts';
import type { UploadOptions } from './upload-form.ts';

const ADDRESS = { baseUrl: '', token: undefined };

interface Sending {
  readonly name: string;
  readonly options: UploadOptions;
  readonly end: (model: Model) => void;
  readonly fail: (error: unknown) => void;
}

/** Uploads whose sending the test ends itself. */
function uploadsByHand() {
  const sendings: Sending[] = [];
  let nowMs = 0;
  const uploads = createModelUploads(
    () => (nowMs += 1_000),
    (_address, file, _manifest, options) =>
      new Promise((end, fail) => {
        options.signal.addEventListener('abort', () => fail(options.signal.reason));
        sendings.push({ name: file.name, options, end, fail });
      }),
  );
  const settle = () => new Promise(resolve => setTimeout(resolve, 5));
  return { uploads, sendings, settle };
}

const draft = { id: 'draft-1', fileName: 'a.pkl' };
const refusal = (details?: unknown) =>
  new ApiError({
    code: 'model.manifest-needed',
    kind: 'user',
    message: 'm',
    hint: 'h',
    status: 422,
    details,
  });

it('sends one after the other and tells how far each is', async () => {
  const { uploads, sendings, settle } = uploadsByHand();
  void uploads.offer(ADDRESS, [new File(['xx'], 'a.onnx'), new File(['x'], 'b.onnx')]);
  await settle();
  expect(uploads.list().map(({ phase }) => phase)).toEqual(['sending', 'waiting']);
  sendings[0]?.options.onProgress(0, 100);
  sendings[0]?.options.onProgress(50, 100);
  expect(uploads.list()[0]).toMatchObject({ sent: 50, speed: { bytesPerSecond: 50, etaMs: 1_000 } });
  sendings[0]?.options.onSent();
  expect(uploads.list()[0]?.phase).toBe('reading');
  sendings[0]?.end({ id: 'm1' } as Model);
  await settle();
  expect(uploads.list().map(({ phase }) => phase)).toEqual(['done', 'sending']);
});

it('goes on with the next one after a refusal', async () => {
  const { uploads, sendings, settle } = uploadsByHand();
  void uploads.offer(ADDRESS, [new File(['x'], 'a.onnx'), new File(['x'], 'b.onnx')]);
  await settle();
  sendings[0]?.fail(refusal());
  await settle();
  expect(uploads.list().map(({ phase }) => phase)).toEqual(['failed', 'sending']);
});

it('keeps the draft of a sound file until it is taken in', async () => {
  const { uploads, sendings, settle } = uploadsByHand();
  void uploads.offer(ADDRESS, [new File(['x'], 'a.pkl')]);
  await settle();
  sendings[0]?.fail(refusal({ draft }));
  await settle();
  expect(uploads.list()[0]).toMatchObject({ phase: 'draft', draft });
  uploads.takenIn('draft-1', { id: 'm1' } as Model);
  expect(uploads.list()[0]).toMatchObject({ phase: 'done', model: { id: 'm1' }, fileName: 'a.pkl' });
});

it('shows what waits on the server after a reload, once', async () => {
  const { uploads, sendings, settle } = uploadsByHand();
  const waiting = [draft, { ...draft, id: 'draft-0' }] as ModelDraft[];
  void uploads.offer(ADDRESS, [new File(['x'], 'a.pkl')]);
  await settle();
  sendings[0]?.fail(refusal({ draft }));
  await settle();
  uploads.restore(waiting);
  uploads.restore(waiting);
  expect(uploads.list().map(each => each.phase === 'draft' && each.draft.id)).toEqual(['draft-0', 'draft-1']);
  uploads.dismiss(uploads.list()[0]?.id ?? 0);
  uploads.restore(waiting);
  expect(uploads.list()).toHaveLength(1);
});

it('cancels what is being sent, and what waits is never sent', async () => {
  const { uploads, sendings, settle } = uploadsByHand();
  void uploads.offer(ADDRESS, [
    new File(['x'], 'a.onnx'),
    new File(['x'], 'b.onnx'),
    new File(['x'], 'c.onnx'),
  ]);
  await settle();
  const [first, second] = uploads.list();
  uploads.cancel(second?.id ?? 0);
  uploads.cancel(first?.id ?? 0);
  await settle();
  expect(sendings[0]?.options.signal.aborted).toBe(true);
  expect(sendings.map(({ name }) => name)).toEqual(['a.onnx', 'c.onnx']);
  expect(uploads.list().map(({ phase }) => phase)).toEqual(['cancelled', 'cancelled', 'sending']);
});

it('puts an outcome away, but not an upload that runs', async () => {
  const { uploads, sendings, settle } = uploadsByHand();
  void uploads.offer(ADDRESS, [new File(['x'], 'a.onnx')]);
  await settle();
  const id = uploads.list()[0]?.id ?? 0;
  uploads.dismiss(id);
  expect(uploads.list()).toHaveLength(1);
  sendings[0]?.end({ id: 'm1' } as Model);
  await settle();
  uploads.dismiss(id);
  expect(uploads.list()).toHaveLength(0);
});
