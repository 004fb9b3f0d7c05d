import type { OwnerChange, OwnerChanges } from '../../../common/contracts/index.ts';

type ChangedField = OwnerChange['fields'][number];

const OWNERS: Readonly<Record<OwnerChange['owner']['kind'], string>> = {
  karpenter: 'Karpenter, NodePool',
  'eks-node-group': 'EKS node group',
  'auto-scaling-group': 'Auto Scaling group',
  nobody: 'nobody that can be seen',
};

/** The changes for owners, for a terminal. */
export function ownerChangesText({ nodes, changes, notes }: OwnerChanges): string[] {
  return [
    '',
    'owners of the nodes that go',
    ...nodes.map(({ node, owner }) => `  ${node}: ${ownerWords(owner)}`),
    ...[...new Set(nodes.flatMap(({ problem }) => problem ?? []))].map(problem => `  ${problem}`),
    ...notes.map(note => `  ${note}`),
    ...changes.flatMap(change => [
      '',
      `for the owner: ${change.title}`,
      ...change.fields.map(field => `  ${fieldWords(field)}`),
      ...(change.check ? [`  ${change.check.text}`] : []),
      ...change.notes.map(note => `  ${note}`),
      ...(change.fields.length === 0
        ? []
        : [
            `  ${change.how}`,
            '',
            ...change.text
              .trimEnd()
              .split('\n')
              .map(line => `    ${line}`),
          ]),
    ]),
  ];
}

/** The same as Markdown. @param cell makes text from the cluster harmless */
export function ownerChangesMarkdown(
  { nodes, changes, notes }: OwnerChanges,
  cell: (text: string) => string,
): string[] {
  return [
    '',
    '## Owners of the nodes that go',
    '',
    ...nodes.map(
      ({ node, owner, problem }) =>
        `- ${cell(node)}: ${cell(ownerWords(owner))}${problem === null ? '' : `. ${cell(problem)}`}`,
    ),
    ...notes.map(note => `- ${cell(note)}`),
    ...changes.flatMap(change => [
      '',
      `## For the owner: ${cell(change.title)}`,
      '',
      ...(change.fields.length === 0
        ? []
        : [
            '| field | now | proposed | why |',
            '|---|---|---|---|',
            ...change.fields.map(
              ({ path, present, proposed, why }) =>
                `| ${[path, present ?? 'unknown', proposed, why].map(cell).join(' | ')} |`,
            ),
            '',
            cell(change.how),
            '',
            // Longer than any run of backquotes in it.
            ...fenced(change),
          ]),
      ...(change.check ? ['', cell(change.check.text)] : []),
      ...(change.notes.length > 0 ? ['', ...change.notes.map(note => `- ${cell(note)}`)] : []),
    ]),
  ];
}

function fenced({ language, text }: OwnerChange): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, text.trimEnd(), fence];
}

function fieldWords({ path, present, proposed }: ChangedField): string {
  return `${path}: ${present ?? 'unknown'} → ${proposed}`;
}

function ownerWords({ kind, name }: OwnerChange['owner']): string {
  return `${OWNERS[kind]}${name === null ? '' : ` ${name}`}`;
}
