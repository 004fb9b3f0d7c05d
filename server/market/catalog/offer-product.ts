import { LINUX, RED_HAT, SUSE, WINDOWS } from './catalog-layers.ts';

/** Attributes of a product of the EC2 offer file that say which price it is; the file has some forty more. */
export interface OfferAttributes {
  readonly instanceType?: string;
  readonly operatingSystem?: string;
  readonly tenancy?: string;
  readonly preInstalledSw?: string;
  readonly capacitystatus?: string;
  readonly marketoption?: string;
  readonly licenseModel?: string;
  readonly locationType?: string;
  readonly regionCode?: string;
}

const productOfSystem: ReadonlyMap<string, string> = new Map([
  ['Linux', LINUX],
  ['Windows', WINDOWS],
  ['RHEL', RED_HAT],
  ['SUSE', SUSE],
]);

/**
 * Which instance type and product a product of the offer file is the on-demand price of; `undefined` when it is another
 * thing: dedicated hosts, capacity reservations, software on top, licences of one's own, local zones.
 */
export function productOfOffer(
  attributes: OfferAttributes,
): { readonly instanceType: string; readonly product: string } | undefined {
  const { instanceType, operatingSystem = '', tenancy, preInstalledSw, capacitystatus } = attributes;
  const { marketoption = 'OnDemand', licenseModel, locationType = 'AWS Region' } = attributes;
  const product = productOfSystem.get(operatingSystem);
  const isListPrice =
    tenancy === 'Shared' &&
    preInstalledSw === 'NA' &&
    capacitystatus === 'Used' &&
    marketoption === 'OnDemand' &&
    licenseModel !== 'Bring your own license' &&
    locationType === 'AWS Region';
  return isListPrice && product !== undefined && instanceType?.includes('.')
    ? { instanceType, product }
    : undefined;
}
