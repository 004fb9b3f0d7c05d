import { Button, Group, Textarea } from '@mantine/core';
import { IconDownload, IconFileImport } from '@tabler/icons-react';
import type { PolicyRevision } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { saveTextFile } from '../../components/csv.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { useMay } from '../../connection/connection-context.ts';
import { pickFiles } from '../../connection/pick-files.ts';
import type { PolicyDraft } from './use-policy-draft.ts';

/** The policy as YAML, to edit, export and import; JSON is read, too. */
export function PolicyYaml({
  shown,
  name,
  draft,
}: {
  readonly shown: PolicyRevision;
  readonly name: string;
  readonly draft: PolicyDraft;
}) {
  const mayEdit = useMay('operator');
  const { content, preview, previewError, isStale } = draft;
  const text =
    content && 'text' in content ? content.text : ((content ? preview?.yaml : undefined) ?? shown.yaml);
  const fileName = `policy-${name.replace(/[^\w.-]+/g, '-')}`;
  return (
    <Card
      title="YAML"
      label={`YAML of the policy of ${name}`}
      aside={
        <Group gap="xs">
          <RoleButton
            needs="operator"
            size="xs"
            variant="default"
            label="Import"
            leftSection={<IconFileImport size={15} aria-hidden />}
            onClick={() =>
              pickFiles(
                '.yaml,.yml,.json',
                ([file]) => void file?.text().then(read => draft.set({ text: read })),
                {
                  several: false,
                },
              )
            }
          />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={15} aria-hidden />}
            onClick={() => saveTextFile(`${fileName}.yaml`, 'application/yaml', text)}
          >
            Export YAML
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={15} aria-hidden />}
            disabled={!preview?.document || isStale}
            onClick={() =>
              saveTextFile(
                `${fileName}.json`,
                'application/json',
                `${JSON.stringify(preview?.document, null, 2)}\n`,
              )
            }
          >
            Export JSON
          </Button>
        </Group>
      }
    >
      <Textarea
        aria-label={`Policy of ${name} as YAML`}
        autosize
        minRows={16}
        maxRows={40}
        spellCheck={false}
        disabled={!mayEdit}
        value={text}
        onChange={event => draft.set({ text: event.currentTarget.value })}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' } }}
      />
      {previewError && content ? (
        <div style={{ marginTop: 12 }}>
          <ErrorState error={previewError} />
        </div>
      ) : null}
      <Problems draft={draft} />
    </Card>
  );
}

/** Sentences on what cannot be meant, each with its field. */
export function Problems({ draft: { content, preview } }: { readonly draft: PolicyDraft }) {
  if (content === undefined || !preview || preview.problems.length === 0) return null;
  return (
    <ul aria-label="Problems" style={{ margin: '12px 0 0', paddingLeft: 20, color: 'var(--co-risk-text)' }}>
      {preview.problems.map(({ field, text }) => (
        <li key={field + text}>{text}</li>
      ))}
    </ul>
  );
}
