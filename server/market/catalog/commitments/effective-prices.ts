import type { EffectivePriceLine } from '../../../../common/contracts/index.ts';
import type { Catalog } from '../catalog.ts';

/** Types of a region whose on-demand hour commitments make cheaper while they have room, the largest share of the list price first. */
export function effectivePrices(
  catalog: Catalog,
  { region, product }: { readonly region: string; readonly product: string },
): { prices: EffectivePriceLine[]; types: number } {
  const prices: EffectivePriceLine[] = [];
  let types = 0;
  for (const { instanceType, onDemandByProduct } of catalog.entries(region)) {
    const listed = onDemandByProduct[product] ?? null;
    const node = { id: 'one', region, zone: null, instanceType, product };
    const answer = catalog.effective({ ...node, capacityType: 'on-demand' });
    if ('unknown' in answer) continue;
    types++;
    if (answer.microUsdPerHour === listed) continue;
    prices.push({
      instanceType,
      listMicroUsdPerHour: listed,
      effectiveMicroUsdPerHour: answer.microUsdPerHour,
      parts: answer.components.map(({ text }) => text),
    });
  }
  const saved = ({ listMicroUsdPerHour, effectiveMicroUsdPerHour }: EffectivePriceLine) =>
    listMicroUsdPerHour ? 1 - effectiveMicroUsdPerHour / listMicroUsdPerHour : 0;
  return { prices: prices.toSorted((a, b) => saved(b) - saved(a)), types };
}
