import { Button, Code, Group, Text } from '@mantine/core';
import { api } from '../../../../common/contracts/index.ts';
import { ToneBadge } from '../../../components/tone-badge.tsx';
import { useMay } from '../../../connection/connection-context.ts';
import { useRead } from '../../../connection/use-call.ts';

/** Whether EC2 answers the engine with the credentials that it has; plainly what to do where it does not. */
export function AccessState({ region }: { readonly region: string | undefined }) {
  const mayAsk = useMay('operator');
  const isRegion = region !== undefined && /^[a-z]{2,4}(-[a-z]+)+-\d+$/.test(region);
  const access = useRead(
    api.market.ec2Access,
    { query: { region: region ?? '' } },
    { enabled: mayAsk && isRegion },
  );
  if (!mayAsk || !isRegion) return null;
  const { data, error, isFetching } = access;
  if (data === undefined && !error)
    return (
      <Text size="sm" c="dimmed">
        Asking EC2 in {region}…
      </Text>
    );
  const isReady = data?.state === 'ready';
  return (
    <div role="status" className="co-note" data-tone={isReady ? 'good' : 'risk'}>
      <Group justify="space-between" wrap="nowrap">
        <Group gap="sm" wrap="nowrap">
          <ToneBadge tone={isReady ? 'good' : 'risk'}>
            {isReady ? 'EC2 answers' : 'EC2 does not answer'}
          </ToneBadge>
          <Text size="sm">{data?.message ?? error?.message}</Text>
        </Group>
        {isReady ? null : (
          <Button
            size="compact-sm"
            variant="default"
            loading={isFetching}
            onClick={() => void access.refetch()}
          >
            Ask again
          </Button>
        )}
      </Group>
      {isReady ? (
        data.endpoint === null ? null : (
          <Text size="sm" c="dimmed">
            Asked at {data.endpoint}, which stands in for AWS.
          </Text>
        )
      ) : (
        <Text size="sm" mt={6}>
          {data?.hint ?? error?.hint} The guide <Code>docs/guides/aws-credentials.md</Code> has the read-only
          policy to copy; it allows <Code>ec2:DescribeSpotPriceHistory</Code> and{' '}
          <Code>ec2:DescribeInstanceTypes</Code>, and nothing that changes or costs anything.
        </Text>
      )}
    </div>
  );
}
