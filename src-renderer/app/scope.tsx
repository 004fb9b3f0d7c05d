import { Select } from '@mantine/core';
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { useRemembered } from '../components/remembered.ts';
import { useLive } from '../connection/use-live.ts';

interface Scope {
  /** The chosen cluster, or all. */
  readonly clusterId: string | undefined;
  readonly choose: (clusterId: string | undefined) => void;
}

const ScopeContext = createContext<Scope>({ clusterId: undefined, choose: () => undefined });

/** Remembers which cluster the reader looks at. */
export function ScopeProvider({ children }: { readonly children: ReactNode }) {
  const [chosen, setChosen] = useRemembered<string>('scope', '');
  const clusters = useLive('clusters').values;
  // A cluster that is gone must not hide everything else.
  const clusterId = chosen !== '' && (clusters === undefined || clusters.has(chosen)) ? chosen : undefined;
  const scope = useMemo(
    () => ({ clusterId, choose: (id: string | undefined) => setChosen(id ?? '') }),
    [clusterId, setChosen],
  );
  return <ScopeContext value={scope}>{children}</ScopeContext>;
}

/** What the reader looks at: all clusters or one. */
export function useScope(): Scope {
  return useContext(ScopeContext);
}

/** Chooses all clusters or one. */
export function ScopeSelect() {
  const { clusterId, choose } = useScope();
  const clusters = [...(useLive('clusters').values?.values() ?? [])];
  return (
    <Select
      size="xs"
      w={180}
      aria-label="Scope"
      allowDeselect={false}
      value={clusterId ?? ''}
      onChange={value => choose(value === null || value === '' ? undefined : value)}
      data={[
        { value: '', label: 'All clusters' },
        ...clusters.map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  );
}
