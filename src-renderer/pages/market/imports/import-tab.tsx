import { Code, Group, Text } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { type DragEvent, useMemo, useState } from 'react';
import type { ImportProgress } from '../../../../common/contracts/index.ts';
import { Card } from '../../../components/card.tsx';
import { LiveProblem } from '../../../components/live-problem.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import type { ArchiveOrder } from '../../../connection/archive-uploads.ts';
import { useConnection, useMay } from '../../../connection/connection-context.ts';
import { pickFiles } from '../../../connection/pick-files.ts';
import { archiveUploads, useArchiveUploads } from '../../../connection/use-archive-uploads.ts';
import { useLive } from '../../../connection/use-live.ts';
import { ARCHIVE_ENDINGS } from './archive-endings.ts';
import { ImportLine } from './import-line.tsx';
import { ImportOptions } from './import-options.tsx';
import { UploadLine } from './upload-line.tsx';

const NO_ORDER: ArchiveOrder = {};

/** Files of prices: drop or pick them, watch them being read, see what came of each. */
export function ImportTab() {
  const { client } = useConnection();
  const mayImport = useMay('operator');
  const [order, setOrder] = useState(NO_ORDER);
  const [isOver, setOver] = useState(false);
  const uploads = useArchiveUploads();
  const { values, problem } = useLive('imports');
  const jobs = useMemo(() => [...(values?.values() ?? [])].toSorted(newestFirst), [values]);
  const ofWindow = new Map(
    uploads.flatMap(one => (one.phase === 'queued' ? [[one.jobId, one] as const] : [])),
  );
  const underway = uploads.filter(({ phase }) => phase !== 'queued');
  const offer = (files: readonly File[], how = order) => {
    if (mayImport && files.length > 0) void archiveUploads.offer(client.address, files, how);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    // The window takes what is dropped elsewhere; it would take this a second time.
    event.stopPropagation();
    setOver(false);
    offer([...event.dataTransfer.files]);
  };
  return (
    <>
      <LiveProblem problem={problem} />
      <Card title="Import archives">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is beside the button, which keys reach. */}
        <div
          className="co-drop"
          data-over={isOver}
          onDragOver={event => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
        >
          <IconFileImport size={30} stroke={1.4} aria-hidden />
          <Text fw={600}>Drop files of Spot prices here</Text>
          <Text size="sm" c="dimmed" maw={640} ta="center">
            What <Code>aws ec2 describe-spot-price-history</Code> prints as text or JSON, or CSV and TSV;
            plain or packed by gzip, xz or zstd. The form is told by the bytes, never by the name.
          </Text>
          <RoleButton
            needs="operator"
            label="Choose files"
            onClick={() => pickFiles(ARCHIVE_ENDINGS, files => offer(files))}
          />
        </div>
        <ImportOptions order={order} onChange={setOrder} />
      </Card>
      {underway.length + jobs.length === 0 ? null : (
        <section className="co-card" aria-label="Imports">
          <header>
            <h2>Imports</h2>
          </header>
          {underway.toReversed().map(upload => (
            <UploadLine key={upload.id} upload={upload} onAgain={() => offer([upload.file], upload.order)} />
          ))}
          {jobs.map(job => {
            const upload = ofWindow.get(job.jobId);
            return (
              <ImportLine
                key={job.jobId}
                job={job}
                onAgain={upload && (changed => offer([upload.file], { ...upload.order, ...changed }))}
              />
            );
          })}
        </section>
      )}
      <Group gap={6}>
        <Text size="sm" c="dimmed">
          The last 50 imports are listed. The guide <Code>docs/guides/prices.md</Code> says what is read, what
          is left out, and which time a file vouches for.
        </Text>
      </Group>
    </>
  );
}

/** What waits or runs first, then what ended last. */
function newestFirst(a: ImportProgress, b: ImportProgress): number {
  const at = ({ startedAt }: ImportProgress) => startedAt ?? Number.MAX_SAFE_INTEGER;
  return at(b) - at(a);
}
