import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Procedure } from '../../common/contracts/index.ts';
import { useConnection } from './connection-context.ts';
import { uploadForm } from './upload-form.ts';

/** One file on its way to a route that streams, or how that ended. */
export type UploadState<Answer> =
  | { readonly phase: 'idle' }
  | { readonly phase: 'sending'; readonly fileName: string; readonly percent: number }
  /** Every byte has arrived; the server reads the file. */
  | { readonly phase: 'reading'; readonly fileName: string }
  | { readonly phase: 'done'; readonly fileName: string; readonly answer: Answer }
  | { readonly phase: 'failed'; readonly fileName: string; readonly error: unknown };

/** Sends one file at a time; `refresh` names calls whose answers are read anew afterwards. */
export function useUpload<Answer>(path: string, refresh: readonly Procedure[]) {
  const { client } = useConnection();
  const queries = useQueryClient();
  const [state, setState] = useState<UploadState<Answer>>({ phase: 'idle' });
  const running = useRef<AbortController>(undefined);
  const send = async (file: File) => {
    const control = new AbortController();
    running.current = control;
    const fileName = file.name;
    const form = new FormData();
    form.append('file', file, fileName);
    setState({ phase: 'sending', fileName, percent: 0 });
    try {
      const answer = await uploadForm<Answer>(client.address, path, form, {
        signal: control.signal,
        onProgress: (sent, total) =>
          setState({ phase: 'sending', fileName, percent: (100 * sent) / Math.max(1, total) }),
        onSent: () => setState({ phase: 'reading', fileName }),
      });
      setState({ phase: 'done', fileName, answer });
      for (const { path: stale } of refresh) void queries.invalidateQueries({ queryKey: [stale] });
    } catch (error) {
      setState(control.signal.aborted ? { phase: 'idle' } : { phase: 'failed', fileName, error });
    }
  };
  return {
    state,
    send: (file: File) => void send(file),
    cancel: () => running.current?.abort(new DOMException('The upload was cancelled.', 'AbortError')),
    forget: () => setState({ phase: 'idle' }),
  };
}
