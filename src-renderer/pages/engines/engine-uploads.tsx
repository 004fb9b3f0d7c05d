import { CloseButton, Code, Group, Loader, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { Link } from 'wouter';
import { ErrorState } from '../../components/error-state.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { type EngineUpload, engineUploads, useEngineUploads } from '../../connection/engine-uploads.ts';
import { engineName } from './engine-name.ts';

/** Uploads of engines of this window, and what came of them until that is put away. */
export function EngineUploads() {
  const uploads = useEngineUploads();
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
            <Outcome upload={upload} />
          </div>
          {upload.phase === 'checking' ? null : (
            <CloseButton
              aria-label={`Put ${upload.fileName} away`}
              onClick={() => engineUploads.dismiss(upload.id)}
            />
          )}
        </div>
      ))}
    </section>
  );
}

function Outcome({ upload }: { readonly upload: EngineUpload }) {
  if (upload.phase === 'checking')
    return (
      <Group gap={10} role="status">
        <Loader size="xs" />
        <Text>
          Checking {upload.fileName} on made clusters, one of them with 1,000 nodes, in a process of its own…
        </Text>
      </Group>
    );
  if (upload.phase === 'failed')
    return (
      <div style={{ display: 'grid', gap: 10 }}>
        <ErrorState error={upload.error} />
        <WhatAnEngineIs />
      </div>
    );
  const { engine } = upload;
  return (
    <Group gap={8} wrap="nowrap">
      <IconCircleCheck size={19} color="var(--co-saving-text)" aria-hidden style={{ flex: 'none' }} />
      <Text>
        {upload.fileName} passed every check and is{' '}
        <Link href={`/engines/${pagePart(engine.id)}`}>{engineName(engine)}</Link>. Choose it for a cluster
        below; until then nothing changes.
      </Text>
    </Group>
  );
}

/** What can be uploaded, for whoever wonders. */
export function WhatAnEngineIs() {
  return (
    <details>
      <summary style={{ cursor: 'pointer', color: 'var(--mantine-color-anchor)' }}>
        What can be uploaded?
      </summary>
      <Text component="div" size="sm" mt={8}>
        <ul style={{ margin: 0, paddingLeft: 20, display: 'grid', gap: 4 }}>
          <li>
            <b>JavaScript</b>: an ES module that exports <Code>manifest</Code> and <Code>decide(input)</Code>.
            No imports, clock, dice, network or files.
          </li>
          <li>
            <b>WebAssembly</b>: a module without imports that exports <Code>memory</Code>, <Code>alloc</Code>{' '}
            and <Code>decide</Code>.
          </li>
          <li>
            A <Code>.json</Code> manifest beside it, where the module carries none.
          </li>
        </ul>
        <p style={{ margin: '8px 0 0' }}>
          <Code>cloudoptim engines check FILE</Code> holds a file against the same checks on your machine.{' '}
          <Code>resources/engines/cheapest-in-zone.js</Code> is an example to start from.
        </p>
      </Text>
    </details>
  );
}
