import type { MarketScope } from '../../../common/contracts/index.ts';
import { counted } from '../../components/number-text.ts';

/** `eu-west-1, Linux/UNIX, 3 types`. */
export function scopeWords({ regions, products, instanceTypes }: MarketScope): string {
  const [first] = instanceTypes;
  const types =
    first === undefined
      ? 'all types'
      : instanceTypes.length === 1
        ? first
        : counted(instanceTypes.length, 'type');
  return `${regions.join(', ')}; ${products.length === 0 ? 'all products' : products.join(', ')}; ${types}`;
}
