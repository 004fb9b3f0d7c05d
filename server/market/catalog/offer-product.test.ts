import { expect, it } from 'vitest';
import { type OfferAttributes, productOfOffer } from './offer-product.ts';

const shared: OfferAttributes = {
  instanceType: 'm5.large',
  operatingSystem: 'Linux',
  tenancy: 'Shared',
  preInstalledSw: 'NA',
  capacitystatus: 'Used',
  marketoption: 'OnDemand',
  licenseModel: 'No License required',
  locationType: 'AWS Region',
};

it.each([
  ['Linux', 'Linux/UNIX'],
  ['Windows', 'Windows'],
  ['RHEL', 'Red Hat Enterprise Linux'],
  ['SUSE', 'SUSE Linux'],
])('is the list price of %s', (operatingSystem, product) => {
  expect(productOfOffer({ ...shared, operatingSystem })).toEqual({ instanceType: 'm5.large', product });
});

it.each<OfferAttributes>([
  { tenancy: 'Dedicated' },
  { tenancy: 'Host' },
  { preInstalledSw: 'SQL Std' },
  { capacitystatus: 'UnusedCapacityReservation' },
  { capacitystatus: 'AllocatedCapacityReservation' },
  { marketoption: 'CapacityBlock' },
  { licenseModel: 'Bring your own license' },
  { locationType: 'AWS Local Zone' },
  { operatingSystem: 'Ubuntu Pro' },
  { operatingSystem: 'constructor' },
  { instanceType: 'm5' },
])('is no list price with %j', change => {
  expect(productOfOffer({ ...shared, ...change })).toBeUndefined();
});
