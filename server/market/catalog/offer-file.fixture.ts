/** What a made-up offer file is to hold. */
interface MadeOffer {
  readonly region: string;
  /** Instance types; each has a shared Linux and Windows price, and is surrounded by what must be left out. */
  readonly types: number;
  /** Reserved terms of about 1 kB that follow, as they make up most of a real file. */
  readonly reserved: number;
  /** The type at this place has a second shared Linux product, at another price. */
  readonly doubled?: number;
}

const OTHERS: readonly Readonly<Record<string, string>>[] = [
  { tenancy: 'Dedicated' },
  { tenancy: 'Host' },
  { preInstalledSw: 'SQL Web' },
  { capacitystatus: 'UnusedCapacityReservation' },
  { operatingSystem: 'Windows', licenseModel: 'Bring your own license' },
  { marketoption: 'CapacityBlock' },
];

/** The type at a place, and what it costs: `t17.large` at 0.17 USD. */
export function madeType(index: number): { instanceType: string; linuxUsd: number; windowsUsd: number } {
  return {
    instanceType: `t${index}.large`,
    linuxUsd: (index + 1) / 100,
    windowsUsd: (index + 1) / 100 + 0.092,
  };
}

/** An offer file in the layout of AWS, product by product, so that one of any size needs no memory. */
export function* offerFileText({ region, types, reserved, doubled }: MadeOffer): Generator<string> {
  yield `{\n  "formatVersion" : "v1.0",\n  "disclaimer" : "Not \\"real\\" {[ prices",\n  "offerCode" : "AmazonEC2",\n  "version" : "20261101000000",\n  "publicationDate" : "2026-11-01T00:00:00Z",\n  "products" : {`;
  for (let index = 0; index < types; index++) {
    const { instanceType } = madeType(index);
    const all = [{}, { operatingSystem: 'Windows' }, ...OTHERS];
    for (const [variant, change] of all.entries()) {
      yield `${index + variant === 0 ? '' : ','}\n    "SKU${index}V${variant}" : ${product(instanceType, region, index === doubled && variant === 2 ? {} : change)}`;
    }
  }
  yield '\n  },\n  "terms" : {\n    "OnDemand" : {';
  for (let index = 0; index < types; index++) {
    const { linuxUsd, windowsUsd } = madeType(index);
    const prices = [linuxUsd, windowsUsd, ...OTHERS.map(() => 999)];
    for (const [variant, usd] of prices.entries()) {
      yield `${index + variant === 0 ? '' : ','}\n      "SKU${index}V${variant}" : ${term(`SKU${index}V${variant}`, usd)}`;
    }
  }
  yield '\n    },\n    "Reserved" : {';
  for (let index = 0; index < reserved; index++) {
    yield `${index === 0 ? '' : ','}\n      "SKU${index % types}V0${index}" : ${term(`R${index}`, 0.01)}`;
  }
  yield '\n    }\n  },\n  "attributesList" : { }\n}\n';
}

/** The same as bytes in chunks of about `chunkBytes`. */
export function* offerFileChunks(offer: MadeOffer, chunkBytes = 65_536): Generator<Buffer> {
  let text = '';
  for (const part of offerFileText(offer)) {
    text += part;
    if (text.length < chunkBytes) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

function product(instanceType: string, region: string, change: Readonly<Record<string, string>>): string {
  const attributes = {
    servicecode: 'AmazonEC2',
    location: 'US East (N. Virginia)',
    locationType: 'AWS Region',
    instanceType,
    currentGeneration: 'Yes',
    physicalProcessor: 'Intel Xeon "Platinum" 8175 {x86}',
    networkPerformance: 'Up to 10 Gigabit',
    tenancy: 'Shared',
    operatingSystem: 'Linux',
    licenseModel: 'No License required',
    usagetype: `BoxUsage:${instanceType}`,
    operation: 'RunInstances',
    capacitystatus: 'Used',
    marketoption: 'OnDemand',
    normalizationSizeFactor: '4',
    preInstalledSw: 'NA',
    processorFeatures: 'Intel AVX, Intel AVX2, Intel AVX512, Intel Turbo',
    regionCode: region,
    servicename: 'Amazon Elastic Compute Cloud',
    ...change,
  };
  return JSON.stringify({ sku: 'S', productFamily: 'Compute Instance', attributes }, null, 2);
}

function term(sku: string, usd: number): string {
  const dimension = {
    rateCode: `${sku}.JRTCKXETXF.6YS6EN2CT7`,
    description: `$${usd} per On Demand Instance Hour`,
    beginRange: '0',
    endRange: 'Inf',
    unit: 'Hrs',
    pricePerUnit: { USD: usd.toFixed(10) },
    appliesTo: [],
  };
  const offer = {
    offerTermCode: 'JRTCKXETXF',
    sku,
    effectiveDate: '2026-11-01T00:00:00Z',
    priceDimensions: { [dimension.rateCode]: dimension },
    termAttributes: { LeaseContractLength: '1yr', OfferingClass: 'standard', PurchaseOption: 'No Upfront' },
  };
  return JSON.stringify({ [`${sku}.JRTCKXETXF`]: offer }, null, 2);
}
