import { Alert, Button, Code, CopyButton, Group, ScrollArea, Stack, Table, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { OwnerChange, OwnerChanges } from '../../../../common/contracts/index.ts';
import { saveTextFile } from '../../../components/csv.ts';
import { ownerWords } from '../../../components/owner-words.ts';
import { type Tone, ToneBadge } from '../../../components/tone-badge.tsx';
import { UnknownText } from '../../../components/unknown-text.tsx';

const MIME: Readonly<Record<OwnerChange['language'], string>> = {
  yaml: 'application/yaml',
  sh: 'application/x-sh',
};
const VERDICTS: Readonly<
  Record<NonNullable<OwnerChange['check']>['verdict'], { readonly tone: Tone; readonly text: string }>
> = {
  'as-planned': { tone: 'good', text: 'Leads to the plan' },
  'may-differ': { tone: 'busy', text: 'May differ' },
  differs: { tone: 'risk', text: 'Differs' },
  unknown: { tone: 'neutral', text: 'Unknown' },
};

/** What a plan means for those who own its nodes: who they are, each change with present values beside it, and its text to take along. */
export function OwnerChangesPanel({ nodes, changes, notes }: OwnerChanges) {
  const problems = [...new Set(nodes.flatMap(({ problem }) => problem ?? []))];
  const owners = Map.groupBy(nodes, ({ owner }) => ownerWords(owner));
  return (
    <Stack p="md" gap="lg">
      {problems.length === 0 ? null : (
        <Alert
          color="orange"
          variant="light"
          styles={{ title: { color: 'var(--co-risk-text)' } }}
          title="CloudOptim does not carry this plan out itself"
        >
          {problems.map(problem => (
            <Text key={problem} size="sm">
              {problem}
            </Text>
          ))}
        </Alert>
      )}
      <div>
        {[...owners].map(([owner, own]) => (
          <Text key={owner} size="sm">
            {owner} owns {own.map(({ node }) => node).join(', ')} ({evidenceWords(own)}).
          </Text>
        ))}
        {notes.map(note => (
          <Text key={note} size="sm">
            {note}
          </Text>
        ))}
      </div>
      {changes.map(change => (
        <Change key={change.fileName} change={change} />
      ))}
    </Stack>
  );
}

function evidenceWords(own: OwnerChanges['nodes']): string {
  const said = new Set(own.map(({ owner }) => owner.evidence));
  const [first = ''] = said;
  return said.size === 1 ? `by ${first}` : `by ${first} and others`;
}

function Change({ change }: { readonly change: OwnerChange }) {
  const { title, check, notes, fields, fileName, text, language, how } = change;
  return (
    <section aria-label={title}>
      <Group gap="sm" mb={6}>
        <Title order={3} size="h5">
          {title}
        </Title>
        {check ? (
          <ToneBadge tone={VERDICTS[check.verdict].tone}>{VERDICTS[check.verdict].text}</ToneBadge>
        ) : null}
      </Group>
      {check ? <Text size="sm">{check.text}</Text> : null}
      {notes.map(note => (
        <Text key={note} size="sm" c="dimmed">
          {note}
        </Text>
      ))}
      {fields.length === 0 ? null : (
        <>
          <Fields fields={fields} label={`Fields of ${title}`} />
          <Group gap="xs" mb={6}>
            <Text size="sm">{language === 'yaml' ? <Code>{how}</Code> : how}</Text>
            <CopyButton value={text}>
              {({ copied, copy }) => (
                <Button size="xs" variant="default" ml="auto" onClick={copy}>
                  {copied ? 'Copied' : 'Copy'}
                </Button>
              )}
            </CopyButton>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconDownload size={15} aria-hidden />}
              onClick={() => saveTextFile(fileName, MIME[language], text)}
            >
              Download {fileName}
            </Button>
          </Group>
          <ScrollArea.Autosize mah={420} viewportProps={{ tabIndex: 0, 'aria-label': `Text of ${fileName}` }}>
            <Code block>{text}</Code>
          </ScrollArea.Autosize>
        </>
      )}
    </section>
  );
}

function Fields({ fields, label }: { readonly fields: OwnerChange['fields']; readonly label: string }) {
  return (
    <Table my="sm" verticalSpacing={5} aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Field</Table.Th>
          <Table.Th>Now</Table.Th>
          <Table.Th>Proposed</Table.Th>
          <Table.Th miw={240}>Why</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map(({ path, present, proposed, why }) => (
          <Table.Tr key={path}>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{path}</Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>
              {present ?? <UnknownText reason="The cluster does not tell." />}
            </Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{proposed}</Table.Td>
            <Table.Td>{why}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
