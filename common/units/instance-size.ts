const XLARGE = 32;
const NAMED_SIZES: Readonly<Record<string, number>> = {
  nano: 1,
  micro: 2,
  small: 4,
  medium: 8,
  large: 16,
  xlarge: XLARGE,
};

/**
 * Normalised size of an instance within its family, times four so that it is a whole number: a nano is 1, a small 4, a
 * large 16. Factors of the sizes with a name: "How Reserved Instance discounts are applied" in the EC2 user guide
 * (apply_ri.html); an `Nxlarge` has 8 N there, and `metal-Nxl` is as large as `Nxlarge`. A bare `metal` has the factor of
 * the largest size of its family, which the name does not tell: `undefined`.
 */
export function quarterUnitsOf(instanceType: string): number | undefined {
  const size = instanceType.split('.')[1] ?? '';
  const named = NAMED_SIZES[size];
  if (named !== undefined) return named;
  const many = /^(?:metal-)?(\d+)xl(?:arge)?$/.exec(size)?.[1];
  return many === undefined ? undefined : Number(many) * XLARGE;
}

/** `m5` of `m5.large`. */
export function familyOf(instanceType: string): string {
  return instanceType.split('.')[0] ?? instanceType;
}
