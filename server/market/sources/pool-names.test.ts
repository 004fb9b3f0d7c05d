import { describe, expect, it } from 'vitest';
import { PoolNames, type Span } from './pool-names.ts';

const placeIn = (names: PoolNames, zone: string, type: string, product: string) => {
  const bytes = Buffer.from(`<${zone}><${type}><${product}>`);
  const spanOf = (start: number, text: string): Span => ({ start, end: start + text.length });
  const afterZone = 1 + zone.length + 2;
  return names.placeOf(
    bytes,
    spanOf(1, zone),
    spanOf(afterZone, type),
    spanOf(afterZone + type.length + 2, product),
  );
};

describe('PoolNames', () => {
  it('gives each name one place, also after its table has grown', () => {
    const names = new PoolNames('eu-west-1');
    const all = Array.from({ length: 20_000 }, (_, index) => ({
      zone: `eu-west-1${'abc'.charAt(index % 3)}`,
      type: `m${Math.floor(index / 3)}.large`,
    }));
    const first = all.map(({ zone, type }) => placeIn(names, zone, type, 'Linux/UNIX'));
    expect(new Set(first).size).toBe(all.length);
    expect(all.map(({ zone, type }) => placeIn(names, zone, type, 'Linux/UNIX'))).toEqual(first);
    expect(first.map(place => names.pools[place]?.instanceType)).toEqual(all.map(({ type }) => type));
  });

  it('tells names apart whose letters are the same in another part', () => {
    const names = new PoolNames('eu-west-1');
    const parts = [
      ['eu-west-1a', 'm5.large', 'Linux/UNIX'],
      ['eu-west-1am5', '.large', 'Linux/UNIX'],
      ['eu-west-1a', 'm5.largeLinux', '/UNIX'],
      ['eu-west-1a', 'm5.large', 'Linux/UNIY'],
    ] as const;
    expect(parts.map(([zone, type, product]) => placeIn(names, zone, type, product))).toEqual([0, 1, 2, 3]);
  });

  it('gives names that were read already places in the same list', () => {
    const names = new PoolNames('eu-west-1');
    placeIn(names, 'eu-west-1a', 'm5.large', 'Linux/UNIX');
    const place = names.placeNamed('eu-west-1b', 'm5.large', 'Linux/UNIX (Amazon VPC)');
    expect(names.placeNamed('eu-west-1b', 'm5.large', 'Linux/UNIX (Amazon VPC)')).toBe(place);
    expect(names.pools[place]).toEqual({
      region: 'eu-west-1',
      availabilityZone: 'eu-west-1b',
      instanceType: 'm5.large',
      product: 'Linux/UNIX',
    });
  });
});
