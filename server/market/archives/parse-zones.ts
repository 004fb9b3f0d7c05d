import { AppError } from '../../../common/errors.ts';
import { regionOfZone } from './zones.ts';

/**
 * Zone names of an account by zone id, from `eu-west-1a=euw1-az1,eu-west-1b=euw1-az2` (either way round).
 * @throws AppError `input.invalid` naming the part that is no pair of a name and an id of one region
 */
export function parseZones(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const pair of text.split(/[\s,]+/).filter(part => part !== '')) {
    const sides = pair.split('=');
    const id = sides.find(isZoneId);
    const name = sides.find(side => !isZoneId(side) && regionOfZone(side) !== undefined);
    if (sides.length !== 2 || !id || !name || regionOfZone(id) !== regionOfZone(name)) {
      throw new AppError('input.invalid', `"${pair}" does not pair a zone's name with its id.`, {
        hint: 'Write it as eu-west-1a=euw1-az1; `aws ec2 describe-availability-zones` lists both.',
      });
    }
    names.set(id, name);
  }
  return names;
}

function isZoneId(zone: string): boolean {
  return regionOfZone(zone) !== undefined && /-(?:az|wlz)\d+$/.test(zone) && !/^[a-z]+-/.test(zone);
}
