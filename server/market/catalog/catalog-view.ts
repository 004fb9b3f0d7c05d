import type {
  CatalogEntry,
  CatalogLayerView,
  CatalogType,
  CatalogTypeFacts,
  Provenance,
} from '../../../common/contracts/index.ts';
import type { Advice, Allocatable, CatalogLayer } from './catalog-layers.ts';
import { LINUX } from './catalog-layers.ts';

/** A figure and the layer that knows it. */
interface Known<Figure> {
  readonly figure: Figure;
  readonly layer: CatalogLayer;
}

/** Layers laid over one another: the newest one that tells about something decides. */
export interface CatalogView {
  readonly layers: readonly CatalogLayer[];
  typeOf(instanceType: string): Known<CatalogTypeFacts> | undefined;
  onDemand(region: string, product: string, instanceType: string): Known<number> | undefined;
  advice(region: string, product: string, instanceType: string): Known<Advice> | undefined;
  /** Types of which it is known what they offer to pods, with price and band of a region. */
  plannable(region: string): readonly CatalogType[];
  entries(region: string): readonly CatalogEntry[];
  /** Regions of which any figure is known, in order. */
  regions(): readonly string[];
}

/**
 * One view of several layers. A row of sizes hides an older row of the same type; a list of prices or advice hides the
 * older list of the same region and product as a whole, so that what is no longer listed becomes unknown.
 * @param layers in any order; of two of the same date the later one in the list is the newer
 */
export function viewOf(layers: readonly CatalogLayer[]): CatalogView {
  const oldestFirst = layers.toSorted((a, b) => a.provenance.asOf - b.provenance.asOf);
  const newestFirst = oldestFirst.toReversed();
  const types = new Map<string, Known<CatalogTypeFacts>>();
  for (const layer of oldestFirst) {
    if (layer.kind !== 'types') continue;
    for (const type of layer.types) types.set(type.instanceType, { figure: type, layer });
  }
  const sorted = [...types.keys()].sort();

  const allocatable = (instanceType: string): Known<Allocatable> | undefined => {
    for (const layer of newestFirst) {
      const figure = layer.kind === 'allocatable' ? layer.types.get(instanceType) : undefined;
      if (figure !== undefined) return { figure, layer };
    }
    return undefined;
  };
  const onDemand = (region: string, product: string, instanceType: string): Known<number> | undefined => {
    for (const layer of newestFirst) {
      const prices =
        layer.kind === 'on-demand' && layer.region === region ? layer.prices.get(product) : undefined;
      if (prices === undefined) continue;
      const figure = prices.get(instanceType);
      return figure === undefined ? undefined : { figure, layer };
    }
    return undefined;
  };
  const advice = (region: string, product: string, instanceType: string): Known<Advice> | undefined => {
    const layer = newestFirst.find(one => one.kind === 'advisor');
    const figure = layer?.find(region, product, instanceType);
    return layer === undefined || figure === undefined ? undefined : { figure, layer };
  };
  const zones = (region: string, instanceType: string): Known<readonly string[]> | undefined => {
    for (const layer of newestFirst) {
      const figure = layer.kind === 'zones' ? layer.find(region, instanceType) : undefined;
      if (figure !== undefined) return { figure, layer };
    }
    return undefined;
  };
  const products = [...new Set(layers.flatMap(layer => productsOf(layer)))];

  const entryOf = ({ figure: type, layer }: Known<CatalogTypeFacts>, region: string): CatalogEntry => {
    const { instanceType } = type;
    const pods = allocatable(instanceType);
    const offered = zones(region, instanceType);
    const prices = products.flatMap(product => {
      const known = onDemand(region, product, instanceType);
      return known === undefined ? [] : ([[product, known]] as const);
    });
    const advised = products.flatMap(product => {
      const known = advice(region, product, instanceType);
      return known === undefined ? [] : ([[product, known]] as const);
    });
    const linux = advised.find(([product]) => product === LINUX)?.[1].figure;
    const place = (known: Known<unknown> | undefined) => (known ? layers.indexOf(known.layer) : null);
    return {
      ...type,
      pods: pods?.figure.pods ?? null,
      allocatableCpuMilli: pods?.figure.allocatableCpuMilli ?? null,
      allocatableMemoryMib: pods?.figure.allocatableMemoryMib ?? null,
      zones: offered ? [...offered.figure] : null,
      onDemandMicroUsdPerHour: onDemand(region, LINUX, instanceType)?.figure ?? null,
      onDemandByProduct: Object.fromEntries(prices.map(([product, { figure }]) => [product, figure])),
      interruptionBand: linux ? bandOf(linux) : null,
      savingsPercent: linux?.savingsPercent ?? null,
      advisorByProduct: Object.fromEntries(advised.map(([product, { figure }]) => [product, figure])),
      from: {
        size: layers.indexOf(layer),
        allocatable: place(pods),
        zones: place(offered),
        onDemand: place(prices[0]?.[1]),
        advisor: place(advised[0]?.[1]),
      },
    };
  };
  const plannable = (region: string): CatalogType[] =>
    sorted.flatMap(instanceType => {
      const type = types.get(instanceType)?.figure;
      const pods = allocatable(instanceType)?.figure;
      if (type === undefined || pods === undefined) return [];
      const { vcpu, memoryMib, arch, gpuCount } = type;
      const advised = advice(region, LINUX, instanceType)?.figure;
      const price = onDemand(region, LINUX, instanceType)?.figure ?? null;
      const interruptionBand = advised ? bandOf(advised) : null;
      return [
        {
          instanceType,
          vcpu,
          memoryMib,
          arch,
          gpuCount,
          ...pods,
          onDemandMicroUsdPerHour: price,
          interruptionBand,
        },
      ];
    });

  return {
    layers,
    typeOf: instanceType => types.get(instanceType),
    onDemand,
    advice,
    plannable: oncePerRegion(plannable),
    entries: region =>
      [...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, known]) => entryOf(known, region)),
    regions: () => [...new Set(layers.flatMap(regionsOf))].sort(),
  };
}

/** A layer as the API shows it. */
export function layerView(layer: CatalogLayer, nowMs: number): CatalogLayerView {
  const region = layer.kind === 'on-demand' ? layer.region : null;
  return { kind: layer.kind, region, ...layer.provenance, ageMs: ageOf(layer.provenance, nowMs) };
}

/** Age of figures, milliseconds; a date in the future has none. */
export function ageOf({ asOf }: Provenance, nowMs: number): number {
  return Math.max(0, nowMs - asOf);
}

function bandOf({ label, maxPercent }: Advice): { label: string; maxPercent: number } {
  return { label, maxPercent };
}

function productsOf(layer: CatalogLayer): string[] {
  if (layer.kind === 'on-demand') return [...layer.prices.keys()];
  return layer.kind === 'advisor' ? [...layer.products] : [];
}

function regionsOf(layer: CatalogLayer): readonly string[] {
  if (layer.kind === 'on-demand') return [layer.region];
  return layer.kind === 'advisor' || layer.kind === 'zones' ? layer.regions : [];
}

/** Plans ask for the same region over and over. */
function oncePerRegion<Value>(make: (region: string) => Value): (region: string) => Value {
  const made = new Map<string, Value>();
  return region => {
    const known = made.get(region);
    if (known !== undefined) return known;
    const fresh = make(region);
    made.set(region, fresh);
    return fresh;
  };
}
