import { Group, MultiSelect } from '@mantine/core';
import { useMemo } from 'react';
import { api } from '../../../common/contracts/index.ts';
import { useRead } from '../../connection/use-call.ts';
import { NamesInput } from './names-input.tsx';

/** Products of EC2's price history. */
const PRODUCTS = ['Linux/UNIX', 'Red Hat Enterprise Linux', 'SUSE Linux', 'Windows'];

/** Regions, types and products. */
export interface ScopeValues {
  readonly regions: readonly string[];
  readonly instanceTypes: readonly string[];
  readonly products: readonly string[];
}

/** Asks for regions, types and products; what the catalog knows is offered. */
export function ScopeFields(props: {
  readonly values: ScopeValues;
  readonly onChange: (values: Partial<ScopeValues>) => void;
}) {
  const { values, onChange } = props;
  const catalog = useRead(api.market.catalog, {}).data;
  const types = useMemo(() => catalog?.types.map(({ instanceType }) => instanceType) ?? [], [catalog]);
  return (
    <>
      <Group grow align="flex-start">
        <NamesInput
          label="Regions"
          description="Enter adds one"
          isNeeded
          offers={catalog?.regions ?? []}
          values={values.regions}
          onChange={regions => onChange({ regions })}
        />
        <MultiSelect
          label="Products"
          description="Empty: all four"
          data={PRODUCTS}
          value={[...values.products]}
          onChange={products => onChange({ products })}
        />
      </Group>
      <NamesInput
        label="Instance types"
        description="Empty: all of them"
        offers={types}
        values={values.instanceTypes}
        onChange={instanceTypes => onChange({ instanceTypes })}
      />
    </>
  );
}
