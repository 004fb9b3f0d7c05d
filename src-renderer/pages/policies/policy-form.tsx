import { Alert } from '@mantine/core';
import { useMemo } from 'react';
import { api, type PolicyRevision } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { useMay } from '../../connection/connection-context.ts';
import { useRead } from '../../connection/use-call.ts';
import { FieldGrid, type FormState, PolicyField } from './policy-field.tsx';
import { type FieldSchema, helpText, withField } from './schema-field.ts';
import type { PolicyDraft } from './use-policy-draft.ts';

/** Parts in the order in which people need them; those of the top level that are no group come first, together. */
const ORDER = ['automatic', 'windows', 'freeze', 'budgets', 'memory', 'decisions', 'pools', 'workloads'];

/** The policy as a form, drawn from the schema that the server publishes. */
export function PolicyForm({
  shown,
  draft,
}: {
  readonly shown: PolicyRevision;
  readonly draft: PolicyDraft;
}) {
  const schema = useRead(api.policies.policySchema, {});
  const mayEdit = useMay('operator');
  const { content, preview } = draft;
  const isText = content !== undefined && 'text' in content;
  const document =
    content && 'document' in content ? content.document : (preview?.document ?? shown.document);
  const problems = useMemo(
    () => new Map((content ? (preview?.problems ?? []) : []).map(({ field, text }) => [field, text])),
    [content, preview],
  );
  if (schema.error) return <ErrorState error={schema.error} onRetry={() => void schema.refetch()} />;
  if (!schema.data) return <LoadingRows />;
  if (isText && (draft.isStale || !preview?.document))
    return (
      <Alert color="gray" title="The YAML is not a policy yet">
        Correct it in the tab YAML; then the form shows it.
      </Alert>
    );
  const root = schema.data as FieldSchema;
  const form: FormState = {
    isDisabled: !mayEdit,
    problems,
    change: (path, value) => draft.set({ document: withField(document ?? {}, path, value) }),
  };
  const properties = root.properties ?? {};
  const plain = Object.fromEntries(Object.entries(properties).filter(([name]) => !ORDER.includes(name)));
  const groups = ORDER.flatMap(name => {
    const field = properties[name];
    return field ? [{ name, field }] : [];
  });
  return (
    <div style={{ display: 'grid', gap: 20 }}>
      <Card title="What happens by itself">
        <FieldGrid schema={{ properties: plain }} value={document} path={[]} form={form} />
      </Card>
      {groups.map(({ name, field }) => (
        <Card key={name} title={field.title ?? name}>
          <p style={{ margin: '0 0 14px', color: 'var(--co-muted)' }}>{helpText(field)}</p>
          <PolicyField
            schema={field}
            value={(document as Record<string, unknown> | null)?.[name]}
            path={[name]}
            form={form}
          />
          {problems.has(name) ? (
            <p role="alert" style={{ margin: '10px 0 0', color: 'var(--co-risk-text)' }}>
              {problems.get(name)}
            </p>
          ) : null}
        </Card>
      ))}
    </div>
  );
}
