import { familyOf, quarterUnitsOf } from '../../../../common/units/index.ts';

/**
 * Whether a regional Reserved Instance applies to other sizes of its family: Linux with shared tenancy only, and not in
 * the families that the EC2 user guide excludes (apply_ri.html). A file may say otherwise for each one, since that list grows.
 */
export function isSizeFlexible(instanceType: string, product: string, zone: string | null): boolean {
  const isExcluded = FIXED_SIZE_FAMILIES.test(familyOf(instanceType));
  return (
    zone === null && product === 'Linux/UNIX' && !isExcluded && quarterUnitsOf(instanceType) !== undefined
  );
}

const FIXED_SIZE_FAMILIES = /^(g4ad|g4dn|g5g?|g6e?|gr6|hpc\w+|inf[12]|u7\w*)$/;
