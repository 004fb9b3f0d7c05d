import type { ActionContext } from './action-context.ts';
import { invalidParameterValue } from './ec2-error.ts';
import { matchesFilter, type QueryParameters } from './query-parameters.ts';
import { element, itemSet } from './xml.ts';

/** DescribeAvailabilityZones: every zone of the market, with its id; ZoneName, ZoneId and the filters of those names narrow it. */
export function describeAvailabilityZones(
  parameters: QueryParameters,
  { region, zoneIds }: ActionContext,
): string {
  const names = parameters.list('ZoneName');
  const ids = parameters.list('ZoneId');
  const unknown = [
    ...names.filter(name => !zoneIds.has(name)),
    ...ids.filter(id => ![...zoneIds.values()].includes(id)),
  ];
  if (unknown.length > 0) throw invalidParameterValue(`Invalid availability zone: [${unknown.join(', ')}]`);
  const filters = parameters.filters();
  const items = [...zoneIds]
    .map(([name, id]) => ({ 'zone-name': name, 'zone-id': id, 'region-name': region, state: 'available' }))
    .filter(zone => names.length === 0 || names.includes(zone['zone-name']))
    .filter(zone => ids.length === 0 || ids.includes(zone['zone-id']))
    .filter(zone =>
      filters.every(filter => {
        const value = Object.entries(zone).find(([key]) => key === filter.name)?.[1];
        if (value === undefined) throw invalidParameterValue(`The filter '${filter.name}' is invalid`);
        return matchesFilter(filter, value);
      }),
    )
    .map(zone =>
      [
        element('optInStatus', 'opt-in-not-required'),
        element('regionName', region),
        element('zoneName', zone['zone-name']),
        element('zoneId', zone['zone-id']),
        element('groupName', region),
        element('networkBorderGroup', region),
        element('zoneType', 'availability-zone'),
        element('zoneState', zone.state),
      ].join(''),
    );
  return itemSet('availabilityZoneInfo', items);
}

/** DescribeRegions: the one region that this endpoint pretends to be. */
export function describeRegions(parameters: QueryParameters, { region }: ActionContext): string {
  const unknown = parameters.list('RegionName').filter(name => name !== region);
  if (unknown.length > 0) throw invalidParameterValue(`Invalid region: [${unknown.join(', ')}]`);
  const item = [
    element('optInStatus', 'opt-in-not-required'),
    element('regionName', region),
    element('regionEndpoint', `ec2.${region}.amazonaws.com`),
  ].join('');
  return itemSet('regionInfo', [item]);
}
