import { Text } from '@mantine/core';
import type { PlanResize } from '../../../common/contracts/index.ts';
import { moneyText } from '../../components/money-text.tsx';
import { UnknownText } from '../../components/unknown-text.tsx';

/** What a resize gives back of the prices of its nodes: no saving yet, so it does not look like one. */
export function GivesBack({ resize }: { readonly resize: PlanResize }) {
  const { givesBackMicroUsdPerHour } = resize;
  if (givesBackMicroUsdPerHour === null)
    return <UnknownText reason="The price of a node that it runs on is not known." />;
  return (
    <Text
      span
      inherit
      c="dimmed"
      data-tip="Room on nodes; it leaves the bill when packing removes nodes, and is counted there."
    >
      {givesBackMicroUsdPerHour < 0 ? 'takes' : 'gives'}{' '}
      {moneyText(Math.abs(givesBackMicroUsdPerHour), 'month')}
    </Text>
  );
}
