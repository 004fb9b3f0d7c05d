import { useEffect, useMemo, useState } from 'react';
import { api, type PolicyPreview, type PolicyRevision } from '../../../common/contracts/index.ts';
import { useRead } from '../../connection/use-call.ts';

/** What is being edited: as a document by the form, or as text. */
export type DraftContent = { readonly document: unknown } | { readonly text: string };

export interface PolicyDraft {
  /** `undefined` while nothing is changed. */
  readonly content: DraftContent | undefined;
  /** The revision that it was made from. */
  readonly baseRevision: number;
  /** What the server says of it, and of the saved document while there is no draft; the last answer until the next. */
  readonly preview: PolicyPreview | undefined;
  readonly previewError: unknown;
  /** The server has not yet answered for what is in the fields now. */
  readonly isStale: boolean;
  readonly set: (content: DraftContent) => void;
  /** Puts the draft on top of another revision. */
  readonly rebase: (revision: number) => void;
  readonly drop: () => void;
}

/** Typing asks once it pauses for this long. */
const PAUSE_MS = 350;

interface Kept {
  readonly scope: string;
  readonly baseRevision: number;
  readonly content: DraftContent;
}

/** The draft of one scope's policy. @param shown the document that the scope has or follows */
export function usePolicyDraft(saved: PolicyRevision, shown: PolicyRevision): PolicyDraft {
  const [kept, setKept] = useState<Kept>();
  const own = kept?.scope === saved.scope ? kept : undefined;
  const asked = useMemo(
    () => own?.content ?? { document: shown.document ?? {} },
    [own?.content, shown.document],
  );
  const settled = useSettled(asked, PAUSE_MS);
  const { data, error, isPlaceholderData, isFetching } = useRead(
    api.policies.previewPolicy,
    { params: { scope: saved.scope }, body: settled },
    { keepLast: true },
  );
  return {
    content: own?.content,
    baseRevision: own?.baseRevision ?? saved.revision,
    preview: data,
    previewError: error,
    isStale: settled !== asked || isPlaceholderData || (isFetching && data === undefined),
    set: content =>
      setKept({ scope: saved.scope, baseRevision: own?.baseRevision ?? saved.revision, content }),
    rebase: baseRevision => {
      if (own) setKept({ ...own, baseRevision });
    },
    drop: () => setKept(undefined),
  };
}

function useSettled<T>(value: T, pauseMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  return settled;
}
