import { Group, MultiSelect, TagsInput } from '@mantine/core';
import { useMemo } from 'react';
import { api } from '../../../common/contracts/index.ts';
import { useRead } from '../../connection/use-call.ts';

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
  readonly problem?: string | undefined;
}) {
  const { values, onChange, problem } = props;
  const catalog = useRead(api.market.catalog, {}).data;
  const types = useMemo(() => catalog?.types.map(({ instanceType }) => instanceType) ?? [], [catalog]);
  return (
    <>
      <Group grow align="flex-start">
        <TagsInput
          label="Regions"
          description="Enter adds one"
          withAsterisk
          splitChars={[',', ' ']}
          data={catalog?.regions ?? []}
          limit={40}
          value={[...values.regions]}
          onChange={regions => onChange({ regions })}
          {...(problem === undefined ? {} : { error: problem })}
        />
        <MultiSelect
          label="Products"
          description="Empty: all four"
          data={PRODUCTS}
          value={[...values.products]}
          onChange={products => onChange({ products })}
        />
      </Group>
      <TagsInput
        label="Instance types"
        description="Empty: all of them"
        splitChars={[',', ' ']}
        data={types}
        limit={20}
        value={[...values.instanceTypes]}
        onChange={instanceTypes => onChange({ instanceTypes })}
      />
    </>
  );
}
