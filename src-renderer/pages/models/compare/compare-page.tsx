import { Badge, Group, Select, Text } from '@mantine/core';
import { Link, useSearchParams } from 'wouter';
import type { Model } from '../../../../common/contracts/index.ts';
import { Card } from '../../../components/card.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { LiveProblem } from '../../../components/live-problem.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { counted } from '../../../components/number-text.ts';
import { PageHeader } from '../../../components/page-header.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { useLive } from '../../../connection/use-live.ts';
import { byImportance, versionName } from '../model-order.ts';
import { ModelStateBadge } from '../model-state.tsx';
import { useForecastSummaries } from '../use-forecast-summaries.ts';
import { CompareErrors } from './compare-errors.tsx';
import { comparedFacts, comparedFeatures } from './compare-facts.ts';

/** Two versions side by side: what they are, what they take, how they did. */
export function ComparePage() {
  const [search, setSearch] = useSearchParams();
  const { values, problem } = useLive('models');
  const summaries = useForecastSummaries();
  if (values === undefined) return problem ? <LiveProblem problem={problem} /> : <LoadingRows />;
  const models = [...values.values()].toSorted(byImportance);
  const [a, b] = ['a', 'b'].map(side => values.get(search.get(side) ?? ''));
  const choose = (side: string, id: string) =>
    setSearch(before => ({ ...Object.fromEntries(before), [side]: id }));
  return (
    <>
      <PageHeader
        title="Compare versions"
        sentence={a && b ? sentenceOf(a, b) : 'Choose two versions.'}
        actions={<Link href="/models">All models</Link>}
      />
      <Group grow align="flex-end">
        <VersionSelect label="First version" models={models} value={a} onChange={id => choose('a', id)} />
        <VersionSelect label="Second version" models={models} value={b} onChange={id => choose('b', id)} />
      </Group>
      {a && b ? (
        <>
          <Card title="Measured error against persistence">
            <CompareErrors pair={[a, b]} summaries={summaries} />
          </Card>
          <Card title="Features">
            <Features a={a} b={b} />
          </Card>
          <Card title="Manifest and file" padded={false}>
            <Facts a={a} b={b} />
          </Card>
        </>
      ) : (
        <div className="co-card">
          <EmptyState
            title={models.length < 2 ? 'There are not two versions yet' : 'Nothing to compare yet'}
            text={
              models.length < 2
                ? 'Upload another version of a model to hold it beside this one.'
                : 'A version that was chosen before may have been deleted. Choose two above.'
            }
            action={<Link href="/models">Go to the models</Link>}
          />
        </div>
      )}
    </>
  );
}

function sentenceOf(a: Model, b: Model): string {
  if (a.id === b.id) return 'Both are the same version; choose another one.';
  const different = comparedFacts(a, b).filter(({ isSame }) => !isSame).length;
  const { onlyA, onlyB } = comparedFeatures(a, b);
  const features = onlyA.length + onlyB.length;
  return `${counted(different, 'fact')} and ${counted(features, 'feature')} differ.`;
}

function VersionSelect(props: {
  readonly label: string;
  readonly models: readonly Model[];
  readonly value: Model | undefined;
  readonly onChange: (id: string) => void;
}) {
  return (
    <Select
      label={props.label}
      searchable
      allowDeselect={false}
      value={props.value?.id ?? null}
      onChange={id => id !== null && props.onChange(id)}
      data={props.models.map(model => ({ value: model.id, label: versionName(model) }))}
    />
  );
}

function Features({ a, b }: { readonly a: Model; readonly b: Model }) {
  const { onlyA, onlyB, both, isReordered } = comparedFeatures(a, b);
  return (
    <div style={{ display: 'grid', gap: 12 }}>
      <Text>
        {counted(both, 'feature')} in both
        {isReordered ? ', in another order.' : '.'}
      </Text>
      {[
        { names: onlyA, model: a },
        { names: onlyB, model: b },
      ].map(({ names, model }) =>
        names.length === 0 ? null : (
          <div key={model.id}>
            <Text size="sm" c="dimmed" mb={6}>
              Only in {versionName(model)}
            </Text>
            <Group gap={6}>
              {names.map(name => (
                <Badge key={name} variant="default" tt="none" fw={500}>
                  {name}
                </Badge>
              ))}
            </Group>
          </div>
        ),
      )}
    </div>
  );
}

function Facts({ a, b }: { readonly a: Model; readonly b: Model }) {
  return (
    <table className="co-table" aria-label="Manifest and file">
      <thead>
        <tr>
          <th scope="col">Fact</th>
          {[a, b].map((model, index) => (
            <th key={`${index === 0 ? 'a' : 'b'}/${model.id}`} scope="col">
              <Link href={`/models/${pagePart(model.id)}`}>{versionName(model)}</Link>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <td>State</td>
          <td>
            <ModelStateBadge model={a} />
          </td>
          <td>
            <ModelStateBadge model={b} />
          </td>
        </tr>
        {comparedFacts(a, b).map(fact => (
          <tr key={fact.name}>
            <td>
              {fact.name}
              {fact.isSame ? null : (
                <Text span size="sm" c="dimmed">
                  {' '}
                  · differs
                </Text>
              )}
            </td>
            <td style={{ whiteSpace: 'normal', fontWeight: fact.isSame ? 400 : 620 }}>{fact.a}</td>
            <td style={{ whiteSpace: 'normal', fontWeight: fact.isSame ? 400 : 620 }}>{fact.b}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
