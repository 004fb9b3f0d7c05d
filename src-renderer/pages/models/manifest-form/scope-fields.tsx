import { Group, Stack, TagsInput, Textarea } from '@mantine/core';
import { api } from '../../../../common/contracts/index.ts';
import { useRead } from '../../../connection/use-call.ts';
import type { FormPart } from './form-part.ts';

/** Products of EC2's price history. */
const PRODUCTS = ['Linux/UNIX', 'Red Hat Enterprise Linux', 'SUSE Linux', 'Windows'];

/** For which pools the model speaks, and words about it. */
export function ScopeFields({ values, problem, onChange }: FormPart) {
  const pools = useRead(api.market.listPools, { query: { limit: 5_000 } }).data?.pools ?? [];
  const regions = [...new Set(pools.map(({ region }) => region))].sort();
  const types = [...new Set(pools.map(({ instanceType }) => instanceType))].sort();
  return (
    <Stack gap="sm">
      <Group grow align="flex-start">
        <TagsInput
          label="Regions"
          description="Enter adds one; regions with prices on disk are offered"
          withAsterisk
          clearable
          splitChars={[',', ' ']}
          data={regions}
          value={[...values.regions]}
          onChange={next => onChange({ regions: next })}
          error={problem('scope.regions') ?? problem('scope')}
          clearButtonProps={{ 'aria-label': 'Clear the regions' }}
        />
        <TagsInput
          label="Products"
          description="As EC2's price history names them"
          data={PRODUCTS}
          value={[...values.products]}
          onChange={next => onChange({ products: next })}
          error={problem('scope.products')}
        />
      </Group>
      <TagsInput
        label="Instance types"
        description="Empty: all of them"
        splitChars={[',', ' ']}
        data={types}
        limit={20}
        value={[...values.instanceTypes]}
        onChange={next => onChange({ instanceTypes: next })}
        error={problem('scope.instanceTypes')}
      />
      <Group grow align="flex-start">
        <Textarea
          label="Description"
          description="What the model is, in a sentence or two"
          autosize
          minRows={2}
          maxRows={6}
          value={values.description}
          onChange={event => onChange({ description: event.currentTarget.value })}
          error={problem('description')}
        />
        <Textarea
          label="Trained on"
          description="Which data, in a sentence"
          autosize
          minRows={2}
          maxRows={6}
          value={values.trainedOn}
          onChange={event => onChange({ trainedOn: event.currentTarget.value })}
          error={problem('trainedOn')}
        />
      </Group>
    </Stack>
  );
}
