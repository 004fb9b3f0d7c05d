import type {
  CatalogEntry,
  CatalogLayerView,
  CatalogType,
  CatalogTypeFacts,
  CommitmentsSummary,
  Provenance,
} from '../../../common/contracts/index.ts';
import type { Clock } from '../../platform/index.ts';
import { type CatalogLayer, LINUX } from './catalog-layers.ts';
import { ageOf, type CatalogView, layerView, viewOf } from './catalog-view.ts';
import { applyCommitments } from './commitments/apply-commitments.ts';
import { type Commitments, NO_COMMITMENTS } from './commitments/commitments.ts';
import { summaryOfCommitments } from './commitments/commitments-summary.ts';
import { type EffectivePriceAnswer, effectivePrice } from './commitments/effective-price.ts';
import type { AppliedCommitments, PricedNode } from './commitments/node-cost.ts';

/** The region whose figures stand where none is asked for: the snapshot knows its list prices. */
const HOME_REGION = 'us-east-1';

/** A node to price. `priceMicroUsdPerHour` is the Spot price in force; on-demand ones are priced by the catalog. */
export interface NodeToPrice extends Omit<PricedNode, 'priceMicroUsdPerHour'> {
  readonly spotMicroUsdPerHour?: number | undefined;
}

/** Instance types, list prices and advice, each as of a date. What it does not know is `undefined`, never zero. */
export interface Catalog {
  /** The region of `all`. */
  readonly region: string;
  /** Of the on-demand prices of that region; of the sizes where it has none. */
  readonly provenance: Provenance;
  /** Of interruption bands. */
  readonly riskProvenance: Provenance;
  /** Types that can be planned with, with figures of the home region. */
  all(): readonly CatalogType[];
  typeOf(instanceType: string): CatalogTypeFacts | undefined;
  /** List price, shared tenancy. */
  onDemandMicroUsdPerHour(region: string, instanceType: string, product?: string): number | undefined;
  /** Where that price is from. */
  onDemandProvenance(region: string, instanceType: string, product?: string): Provenance | undefined;
  /** The advisor's band: how many percent of instances are interrupted in a month. */
  interruptionBand(
    region: string,
    instanceType: string,
    product?: string,
  ): { readonly label: string; readonly maxPercent: number } | undefined;
  /** Upper end of the advisor's band: percent of instances interrupted in a month. */
  interruptionMaxPercent(region: string, instanceType: string, product?: string): number | undefined;
  /** All that is known of every type in a region. */
  entries(region: string): readonly CatalogEntry[];
  /** The sources in use, in the order that entries refer to, and the commitments after them. */
  layers(): CatalogLayerView[];
  regions(): readonly string[];
  /** What one more node costs after all agreements, beside those that run. */
  effective(node: NodeToPrice, running?: readonly NodeToPrice[]): EffectivePriceAnswer;
  /** What the nodes that run cost after all agreements, and what of the agreements lies idle. */
  applyCommitments(nodes: readonly NodeToPrice[]): AppliedCommitments;
  /** The agreements in use; `null` when none were given. */
  commitments(): CommitmentsSummary | null;
}

/** What a catalog is made from; both are asked anew after `changed`. */
export interface CatalogSources {
  readonly layers: () => readonly CatalogLayer[];
  readonly commitments: () => Commitments | undefined;
  readonly clock: Clock;
}

/** A catalog, and the call that makes it look at its sources again. */
export function catalogOf({ layers, commitments, clock }: CatalogSources): {
  readonly catalog: Catalog;
  readonly changed: () => void;
} {
  let made: CatalogView | undefined;
  const view = () => {
    made ??= viewOf(layers());
    return made;
  };
  const provenanceOf = (kind: CatalogLayer['kind'], region?: string): Provenance | undefined =>
    view()
      .layers.filter(layer => layer.kind === kind && (layer.kind !== 'on-demand' || layer.region === region))
      .reduce<Provenance | undefined>(
        (newest, { provenance }) => (newest && newest.asOf > provenance.asOf ? newest : provenance),
        undefined,
      );
  const onDemand = (region: string, instanceType: string, product = LINUX) =>
    view().onDemand(region, product, instanceType);
  const priced = ({ spotMicroUsdPerHour, ...node }: NodeToPrice): PricedNode => ({
    ...node,
    priceMicroUsdPerHour:
      node.capacityType === 'spot'
        ? spotMicroUsdPerHour
        : onDemand(node.region, node.instanceType, node.product)?.figure,
  });
  const agreed = () => commitments() ?? NO_COMMITMENTS;

  const catalog: Catalog = {
    region: HOME_REGION,
    get provenance() {
      return provenanceOf('on-demand', HOME_REGION) ?? provenanceOf('types') ?? UNKNOWN_ORIGIN;
    },
    get riskProvenance() {
      return provenanceOf('advisor') ?? UNKNOWN_ORIGIN;
    },
    all: () => view().plannable(HOME_REGION),
    typeOf: instanceType => view().typeOf(instanceType)?.figure,
    onDemandMicroUsdPerHour: (...asked) => onDemand(...asked)?.figure,
    onDemandProvenance: (...asked) => onDemand(...asked)?.layer.provenance,
    interruptionBand: (region, instanceType, product = LINUX) =>
      view().advice(region, product, instanceType)?.figure,
    interruptionMaxPercent: (region, instanceType, product = LINUX) =>
      view().advice(region, product, instanceType)?.figure.maxPercent,
    entries: region => view().entries(region),
    layers: () => {
      const nowMs = clock.now();
      const known = commitments();
      return [
        ...view().layers.map(layer => layerView(layer, nowMs)),
        ...(known
          ? [
              {
                kind: 'commitments' as const,
                region: null,
                ...known.provenance,
                ageMs: ageOf(known.provenance, nowMs),
              },
            ]
          : []),
      ];
    },
    regions: () => view().regions(),
    effective: (node, running = []) => {
      const provenance =
        node.capacityType === 'spot'
          ? undefined
          : onDemand(node.region, node.instanceType, node.product)?.layer.provenance;
      return effectivePrice(priced(node), provenance, running.map(priced), agreed(), clock.now());
    },
    applyCommitments: nodes => applyCommitments(nodes.map(priced), agreed(), clock.now()),
    commitments: () => {
      const known = commitments();
      return known ? summaryOfCommitments(known, clock.now()) : null;
    },
  };
  return {
    catalog,
    changed: () => {
      made = undefined;
    },
  };
}

const UNKNOWN_ORIGIN: Provenance = { source: 'unknown', asOf: 0 };
