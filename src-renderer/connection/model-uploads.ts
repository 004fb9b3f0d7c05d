import type { Model, ModelDraft } from '../../common/contracts/index.ts';
import type { Address } from './api-client.ts';
import { toApiError } from './api-error.ts';
import { pairFiles } from './pair-files.ts';
import { TransferRate, type TransferSpeed } from './transfer-rate.ts';
import type { UploadOptions } from './upload-form.ts';

/** How far an upload has come. */
export type UploadPhase =
  | { readonly phase: 'waiting' }
  | {
      readonly phase: 'sending';
      readonly sent: number;
      readonly total: number;
      readonly speed: TransferSpeed | undefined;
    }
  /** Every byte has arrived; the server converts and tries the file. */
  | { readonly phase: 'reading' }
  /** The file is sound; its manifest is not, and the server keeps the file meanwhile. Without `error` after a reload. */
  | { readonly phase: 'draft'; readonly draft: ModelDraft; readonly error?: unknown }
  | { readonly phase: 'done'; readonly model: Model }
  | { readonly phase: 'failed'; readonly error: unknown }
  | { readonly phase: 'cancelled' };

/** A file on its way into the registry, or how that ended. */
export type Upload = UploadPhase & {
  readonly id: number;
  readonly fileName: string;
  readonly bytes: number;
};

/** Uploads of this window. They go on when the page is left; one is sent at a time. */
export interface ModelUploads {
  /** Newest last. The same object until something changes. */
  list(): readonly Upload[];
  onChange(listener: () => void): () => void;
  /** Uploads the models among the files, each with the manifest beside it. */
  offer(address: Address, files: readonly File[]): Promise<void>;
  /** Ends an upload that waits or is being sent. */
  cancel(id: number): void;
  /** Shows what waits on the server and is not shown yet: from before a reload, or from another window. */
  restore(drafts: readonly ModelDraft[]): void;
  /** The file of a draft was taken in as a version. */
  takenIn(draftId: string, model: Model): void;
  /** Puts the outcome of an upload away. */
  dismiss(id: number): void;
}

/** Sends a file with its manifest, and resolves with what it became. */
export type Send<Result> = (
  address: Address,
  file: File,
  manifest: string | undefined,
  options: UploadOptions,
) => Promise<Result>;

/** Uploads by `send`; `now` in milliseconds. */
export function createModelUploads(now: () => number, send: Send<Model>): ModelUploads {
  let uploads: readonly Upload[] = [];
  let lastId = 0;
  let queue = Promise.resolve();
  const listeners = new Set<() => void>();
  const running = new Map<number, AbortController>();
  /** Once put away here, a draft does not come back. */
  const seenDrafts = new Set<string>();

  const show = (next: readonly Upload[]) => {
    uploads = next;
    for (const listener of listeners) listener();
  };
  const enter = (id: number, phase: UploadPhase) =>
    show(
      uploads.map(each =>
        each.id === id ? { id, fileName: each.fileName, bytes: each.bytes, ...phase } : each,
      ),
    );

  const run = async (id: number, address: Address, file: File, manifest: string | undefined) => {
    const control = running.get(id);
    if (!control || control.signal.aborted) return;
    const rate = new TransferRate();
    enter(id, { phase: 'sending', sent: 0, total: file.size, speed: undefined });
    try {
      const model = await send(address, file, manifest, {
        signal: control.signal,
        onProgress: (sent, total) =>
          enter(id, { phase: 'sending', sent, total, speed: rate.report(now(), sent, total) }),
        onSent: () => enter(id, { phase: 'reading' }),
      });
      enter(id, { phase: 'done', model });
    } catch (error) {
      if (control.signal.aborted) return;
      const draft = draftOf(error);
      if (draft) seenDrafts.add(draft.id);
      enter(id, draft ? { phase: 'draft', draft, error } : { phase: 'failed', error });
    } finally {
      running.delete(id);
    }
  };

  return {
    list: () => uploads,
    onChange: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    offer: async (address, files) => {
      const pairs = await pairFiles(files);
      const added = pairs.map(pair => ({ ...pair, id: ++lastId }));
      for (const { id } of added) running.set(id, new AbortController());
      show([
        ...uploads,
        ...added.map(({ id, file }) => ({
          id,
          fileName: file.name,
          bytes: file.size,
          phase: 'waiting' as const,
        })),
      ]);
      for (const { id, file, manifest } of added) queue = queue.then(() => run(id, address, file, manifest));
      await queue;
    },
    cancel: id => {
      const control = running.get(id);
      if (!control) return;
      running.delete(id);
      enter(id, { phase: 'cancelled' });
      control.abort(new DOMException('The upload was cancelled.', 'AbortError'));
    },
    restore: drafts => {
      const found = drafts.filter(({ id }) => !seenDrafts.has(id));
      if (found.length === 0) return;
      for (const { id } of found) seenDrafts.add(id);
      const restored = found.map(draft => ({
        id: ++lastId,
        fileName: draft.fileName,
        bytes: draft.bytes,
        phase: 'draft' as const,
        draft,
      }));
      show([...restored, ...uploads]);
    },
    takenIn: (draftId, model) => {
      const upload = uploads.find(each => each.phase === 'draft' && each.draft.id === draftId);
      if (upload) enter(upload.id, { phase: 'done', model });
    },
    dismiss: id => {
      if (!running.has(id)) show(uploads.filter(each => each.id !== id));
    },
  };
}

function draftOf(error: unknown): ModelDraft | undefined {
  const { details } = toApiError(error);
  return (details as { draft?: ModelDraft } | null | undefined)?.draft;
}
