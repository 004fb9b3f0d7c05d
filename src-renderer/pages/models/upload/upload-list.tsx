import { CloseButton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import type { Upload } from '../../../connection/model-uploads.ts';
import { modelUploads, useModelUploads } from '../../../connection/use-model-uploads.ts';
import { UploadProgress } from './upload-progress.tsx';
import { WhatCanBeUploaded } from './what-can-be-uploaded.tsx';

const DraftNotice = lazy(() => import('./draft-notice.tsx').then(m => ({ default: m.DraftNotice })));
const UploadVerdict = lazy(() => import('./upload-verdict.tsx').then(m => ({ default: m.UploadVerdict })));

/** Uploads of this window: how far each is, and what came of it until that is put away. */
export function UploadList() {
  const uploads = useModelUploads();
  if (uploads.length === 0) return null;
  return (
    <section aria-label="Uploads" className="co-card">
      {uploads.map((upload, index) => (
        <div
          key={upload.id}
          style={{
            display: 'flex',
            gap: 12,
            alignItems: 'flex-start',
            padding: '14px 16px',
            borderTop: index === 0 ? 0 : '1px solid var(--co-line)',
          }}
        >
          <div style={{ flex: 1, minWidth: 0 }}>
            <Suspense fallback={<LoadingRows rows={1} />}>
              <Outcome upload={upload} />
            </Suspense>
          </div>
          {['done', 'failed', 'cancelled'].includes(upload.phase) ? (
            <CloseButton
              aria-label={`Put ${upload.fileName} away`}
              onClick={() => modelUploads.dismiss(upload.id)}
            />
          ) : null}
        </div>
      ))}
    </section>
  );
}

function Outcome({ upload }: { readonly upload: Upload }) {
  if (upload.phase === 'done') return <UploadVerdict fileName={upload.fileName} uploaded={upload.model} />;
  if (upload.phase === 'draft')
    return <DraftNotice id={upload.id} draft={upload.draft} error={upload.error} />;
  if (upload.phase === 'failed')
    return (
      <div style={{ display: 'grid', gap: 10 }}>
        <ErrorState error={upload.error} />
        <WhatCanBeUploaded />
      </div>
    );
  return <UploadProgress upload={upload} />;
}
