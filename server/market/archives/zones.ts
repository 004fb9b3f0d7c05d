/** Prefixes of zone ids. Source: the "AZ IDs" table of the AWS Regions and Availability Zones guide. */
const regionOfIdPrefix: Readonly<Record<string, string>> = {
  use1: 'us-east-1',
  use2: 'us-east-2',
  usw1: 'us-west-1',
  usw2: 'us-west-2',
  afs1: 'af-south-1',
  ape1: 'ap-east-1',
  ape2: 'ap-east-2',
  aps1: 'ap-south-1',
  aps2: 'ap-south-2',
  apse1: 'ap-southeast-1',
  apse2: 'ap-southeast-2',
  apse3: 'ap-southeast-3',
  apse4: 'ap-southeast-4',
  apse5: 'ap-southeast-5',
  apse6: 'ap-southeast-6',
  apse7: 'ap-southeast-7',
  apne1: 'ap-northeast-1',
  apne2: 'ap-northeast-2',
  apne3: 'ap-northeast-3',
  cac1: 'ca-central-1',
  caw1: 'ca-west-1',
  euc1: 'eu-central-1',
  euc2: 'eu-central-2',
  eun1: 'eu-north-1',
  eus1: 'eu-south-1',
  eus2: 'eu-south-2',
  euw1: 'eu-west-1',
  euw2: 'eu-west-2',
  euw3: 'eu-west-3',
  ilc1: 'il-central-1',
  mec1: 'me-central-1',
  mes1: 'me-south-1',
  mxc1: 'mx-central-1',
  sae1: 'sa-east-1',
  usge1: 'us-gov-east-1',
  usgw1: 'us-gov-west-1',
  cnn1: 'cn-north-1',
  cnnw1: 'cn-northwest-1',
};

/** `eu-west-1a`, local zones `us-west-2-lax-1a`, wavelength zones `us-east-1-wl1-bos-wlz-1`. */
const ZONE_NAME =
  /^([a-z]{2,4}(?:-(?:gov|iso[a-z]?))?-[a-z]+-\d+)(?:[a-z]|-[a-z]+-\d+[a-z]|-wl\d+(?:-[a-z]+)+-\d+)$/;
/** `use1-az4`, local zones `usw2-lax1-az1`, wavelength zones `use1-wl1-bos-wlz1`. */
const ZONE_ID = /^([a-z]+\d)(?:-[a-z]+\d*)*-(?:az|wlz)\d+$/;

/** The region of a zone's name or id; `undefined` when it is neither. */
export function regionOfZone(zone: string): string | undefined {
  const ofName = ZONE_NAME.exec(zone)?.[1];
  if (ofName !== undefined) return ofName;
  const prefix = ZONE_ID.exec(zone)?.[1];
  return prefix === undefined ? undefined : regionOfIdPrefix[prefix];
}

/** Whether it is the id of a zone, which is the same in all accounts, and no name. */
export function isZoneId(zone: string): boolean {
  return ZONE_ID.test(zone);
}
