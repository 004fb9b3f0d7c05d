const AREAS: Record<string, string> = { central: 'c', north: 'n', south: 's', east: 'e', west: 'w' };

/**
 * Zone id by zone name, e.g. `us-east-1a` → `use1-az2`. Names are account-specific and ids are not, so the ids are
 * deliberately not in the order of the names: code that assumes `a` = `az1` must show.
 */
export function zoneIdsOf(region: string, zones: readonly string[]): ReadonlyMap<string, string> {
  const prefix = zoneIdPrefix(region);
  return new Map(
    zones.toSorted().map((zone, index) => [zone, `${prefix}-az${((index + 1) % zones.length) + 1}`]),
  );
}

/** `eu-west-1` → `euw1`, `ap-northeast-2` → `apne2`, `us-gov-west-1` → `usgw1`. */
function zoneIdPrefix(region: string): string {
  return region
    .split('-')
    .map((part, index) => (index === 0 ? part : part === 'gov' ? 'g' : shortArea(part)))
    .join('');
}

function shortArea(part: string): string {
  const area = AREAS[part];
  if (area) return area;
  const compound = /^(north|south)(east|west)$/.exec(part);
  return compound ? part.replace(/north|south|east|west/g, found => AREAS[found] ?? found) : part;
}
