import { AppError } from '../../../common/errors.ts';
import { microUsdFromUsd, parseTime } from '../../../common/units/index.ts';
import { JsonMemberScanner, type MemberChoice } from './json-member-scanner.ts';
import { type OfferAttributes, productOfOffer } from './offer-product.ts';

/** On-demand list prices of one region, out of an offer file. */
export interface OfferPrices {
  readonly region: string;
  /** When AWS published them, milliseconds. */
  readonly publishedAt: number;
  /** Product → instance type → micro-USD per hour. */
  readonly prices: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** How many prices there are. */
  readonly figures: number;
  /** Types and products with two different prices, which are left out. */
  readonly conflicts: number;
}

interface OfferTerm {
  readonly effectiveDate?: string;
  readonly priceDimensions?: Readonly<
    Record<string, { readonly unit?: string; readonly pricePerUnit?: { readonly USD?: string } }>
  >;
}

const SHARED = Buffer.from('"Shared"');

/**
 * Reads the price list file of EC2 (`…/offers/v1.0/aws/AmazonEC2/current/<region>/index.json`) as it streams, in memory
 * that does not grow with the file. Layout: "Reading the service price list file" in the AWS Billing user guide.
 * `products` must come before `terms`, as AWS writes it, since only prices of wanted products are kept.
 */
export class OfferFileReader {
  readonly #scanner: JsonMemberScanner;
  readonly #wanted = new Map<string, { instanceType: string; product: string }>();
  readonly #prices = new Map<string, Map<string, number>>();
  readonly #conflicting = new Set<string>();
  readonly #regions = new Set<string>();
  #offerCode: string | undefined;
  #publishedAt: number | undefined;
  #hasProducts = false;

  constructor() {
    this.#scanner = new JsonMemberScanner({
      choose: path => this.#choose(path),
      take: (path, json) => this.#take(path, json),
    });
  }

  /** @throws AppError `input.invalid` when this is no offer file of EC2 */
  push(chunk: Uint8Array): void {
    this.#scanner.push(chunk);
  }

  /**
   * Call it after the last chunk.
   * @param region for files of 2020 and before, whose products do not name theirs
   * @throws AppError `input.invalid` when the file is cut off, is of several regions, or has no prices
   */
  finish(region?: string): OfferPrices {
    this.#scanner.end();
    if (!this.#hasProducts) throw notAnOffer('has no "products"');
    let figures = 0;
    for (const types of this.#prices.values()) figures += types.size;
    if (figures === 0) throw notAnOffer('has no hourly price of a shared instance');
    const regions = [...this.#regions].sort();
    if (regions.length > 1) {
      throw new AppError(
        'input.invalid',
        `The price list is of ${regions.length} regions (${regions.slice(0, 3).join(', ')} …).`,
        { hint: 'Take the file of one region: …/AmazonEC2/current/<region>/index.json.' },
      );
    }
    const own = regions[0] ?? region;
    if (own === undefined) throw notAnOffer('does not say of which region it is');
    if (region !== undefined && own !== region) {
      throw new AppError('input.invalid', `The price list is of ${own}, not of ${region}.`);
    }
    if (this.#publishedAt === undefined) throw notAnOffer('has no "publicationDate"');
    return {
      region: own,
      publishedAt: this.#publishedAt,
      prices: this.#prices,
      figures,
      conflicts: this.#conflicting.size,
    };
  }

  #choose(path: readonly string[]): MemberChoice {
    const [top, second, sku] = path;
    if (path.length === 1) {
      if (top === 'terms' && !this.#hasProducts) throw notAnOffer('has "terms" before "products"');
      if (top === 'products') this.#hasProducts = true;
      if (top === 'products' || top === 'terms') return 'enter';
      return top === 'publicationDate' || top === 'offerCode' ? 'take' : 'skip';
    }
    if (top === 'products') return 'take';
    if (path.length === 2) return second === 'OnDemand' ? 'enter' : 'skip';
    return sku !== undefined && this.#wanted.has(sku) ? 'take' : 'skip';
  }

  #take(path: readonly string[], json: Buffer): void {
    const [top, second, sku] = path;
    if (top === 'products') {
      // Two thirds of the products are of other tenancies; parsing them is most of the time.
      if (json.includes(SHARED)) this.#addProduct(second ?? '', parse(json, path));
    } else if (top === 'terms') this.#addTerms(sku ?? '', parse(json, path));
    else if (top === 'publicationDate') this.#publishedAt = parseTime(String(parse(json, path)));
    else {
      this.#offerCode = String(parse(json, path));
      if (this.#offerCode !== 'AmazonEC2') throw notAnOffer(`is of "${this.#offerCode}", not of "AmazonEC2"`);
    }
  }

  #addProduct(sku: string, value: unknown): void {
    const { attributes } = (value ?? {}) as { attributes?: OfferAttributes };
    const offer = attributes && productOfOffer(attributes);
    if (!offer) return;
    this.#wanted.set(sku, offer);
    if (attributes.regionCode !== undefined) this.#regions.add(attributes.regionCode);
  }

  #addTerms(sku: string, value: unknown): void {
    const offer = this.#wanted.get(sku);
    if (!offer || typeof value !== 'object' || value === null) return;
    const terms = Object.values(value as Record<string, OfferTerm>);
    const newest = terms.toSorted((a, b) => compareText(b.effectiveDate, a.effectiveDate))[0];
    const hourly = Object.values(newest?.priceDimensions ?? {}).filter(({ unit }) => unit === 'Hrs');
    const price = microUsdFromUsd(hourly[0]?.pricePerUnit?.USD ?? '');
    // A price of nothing is that of something that is paid elsewhere, e.g. by the host.
    if (hourly.length !== 1 || price === undefined || price === 0) return;
    const key = `${offer.product} ${offer.instanceType}`;
    const types = this.#prices.get(offer.product) ?? new Map<string, number>();
    this.#prices.set(offer.product, types);
    const other = types.get(offer.instanceType);
    if (this.#conflicting.has(key)) return;
    if (other !== undefined && other !== price) {
      this.#conflicting.add(key);
      types.delete(offer.instanceType);
    } else types.set(offer.instanceType, price);
  }
}

function parse(json: Buffer, path: readonly string[]): unknown {
  try {
    return JSON.parse(json.toString());
  } catch (cause) {
    throw new AppError(
      'input.invalid',
      `"${path.join('.')}" is not JSON: ${json.toString('utf8', 0, 40)} ….`,
      {
        cause,
      },
    );
  }
}

function compareText(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function notAnOffer(why: string): AppError {
  return new AppError('input.invalid', `This is no price list of EC2: it ${why}.`, {
    hint: 'Take …/offers/v1.0/aws/AmazonEC2/current/<region>/index.json of the AWS price list.',
  });
}
