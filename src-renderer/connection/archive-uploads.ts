import { type ImportProgress, importUploadPath } from '../../common/contracts/index.ts';
import type { Address } from './api-client.ts';
import { TransferRate, type TransferSpeed } from './transfer-rate.ts';
import { type UploadOptions, uploadForm } from './upload-form.ts';

/** How a file of prices is to be read; fields of the upload form. */
export interface ArchiveOrder {
  /** Region of zones that do not tell theirs. */
  readonly region?: string;
  /** Product of rows that name none. */
  readonly product?: string;
  /** `eu-west-1a=euw1-az1,…` */
  readonly zones?: string;
  readonly upToDamage?: boolean;
  readonly allTypes?: boolean;
}

/** How far the way to the server is; from then on the import is a job that the topic `imports` tells about. */
export type ArchivePhase =
  | { readonly phase: 'waiting' }
  | {
      readonly phase: 'sending';
      readonly sent: number;
      readonly total: number;
      readonly speed: TransferSpeed | undefined;
    }
  | { readonly phase: 'queued'; readonly jobId: string }
  | { readonly phase: 'failed'; readonly error: unknown }
  | { readonly phase: 'cancelled' };

/** A file of prices of this window. */
export type ArchiveUpload = ArchivePhase & {
  readonly id: number;
  /** Kept, so that it can be sent again with another order. */
  readonly file: File;
  readonly order: ArchiveOrder;
};

/** Files of prices that this window sends, one at a time. They go on when the page is left. */
export interface ArchiveUploads {
  /** Newest last. The same object until something changes. */
  list(): readonly ArchiveUpload[];
  onChange(listener: () => void): () => void;
  offer(address: Address, files: readonly File[], order: ArchiveOrder): Promise<void>;
  /** Ends one that waits or is being sent. */
  cancel(id: number): void;
  /** Puts the outcome away. */
  dismiss(id: number): void;
}

/** Sends a file of prices with its order. */
export function uploadArchive(
  address: Address,
  file: File,
  order: ArchiveOrder,
  options: UploadOptions,
): Promise<ImportProgress> {
  const form = new FormData();
  for (const [name, value] of Object.entries(order))
    if (value !== undefined && value !== '' && value !== false) form.append(name, String(value));
  form.append('file', file, file.name);
  return uploadForm(address, importUploadPath, form, options);
}

/** Uploads by `send`, which is `uploadArchive`; `now` in milliseconds. */
export function createArchiveUploads(now: () => number, send: typeof uploadArchive): ArchiveUploads {
  let uploads: readonly ArchiveUpload[] = [];
  let lastId = 0;
  let queue = Promise.resolve();
  const listeners = new Set<() => void>();
  const running = new Map<number, AbortController>();

  const show = (next: readonly ArchiveUpload[]) => {
    uploads = next;
    for (const listener of listeners) listener();
  };
  const enter = (id: number, phase: ArchivePhase) =>
    show(uploads.map(each => (each.id === id ? { id, file: each.file, order: each.order, ...phase } : each)));

  const run = async (id: number, address: Address, file: File, order: ArchiveOrder) => {
    const control = running.get(id);
    if (!control || control.signal.aborted) return;
    const rate = new TransferRate();
    enter(id, { phase: 'sending', sent: 0, total: file.size, speed: undefined });
    try {
      const { jobId } = await send(address, file, order, {
        signal: control.signal,
        onProgress: (sent, total) =>
          enter(id, { phase: 'sending', sent, total, speed: rate.report(now(), sent, total) }),
        onSent: () => undefined,
      });
      enter(id, { phase: 'queued', jobId });
    } catch (error) {
      if (!control.signal.aborted) enter(id, { phase: 'failed', error });
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
    offer: async (address, files, order) => {
      const added = files.map(file => ({ id: ++lastId, file, order, phase: 'waiting' as const }));
      for (const { id } of added) running.set(id, new AbortController());
      show([...uploads, ...added]);
      for (const { id, file } of added) queue = queue.then(() => run(id, address, file, order));
      await queue;
    },
    cancel: id => {
      const control = running.get(id);
      if (!control) return;
      running.delete(id);
      enter(id, { phase: 'cancelled' });
      control.abort(new DOMException('The upload was cancelled.', 'AbortError'));
    },
    dismiss: id => {
      if (!running.has(id)) show(uploads.filter(each => each.id !== id));
    },
  };
}
