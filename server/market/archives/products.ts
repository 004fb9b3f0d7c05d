/** Suffix of products until 2022. */
const VPC_SUFFIX = / \(amazon vpc\)$/i;

/** Products of Spot history by the names that files give them. */
const productOfName: Readonly<Record<string, string>> = {
  'linux/unix': 'Linux/UNIX',
  linux: 'Linux/UNIX',
  'red hat enterprise linux': 'Red Hat Enterprise Linux',
  'red hat': 'Red Hat Enterprise Linux',
  rhel: 'Red Hat Enterprise Linux',
  'suse linux': 'SUSE Linux',
  suse: 'SUSE Linux',
  sles: 'SUSE Linux',
  windows: 'Windows',
  // A file that says so itself: kept apart from every other, because nobody knows which it is.
  unknown: 'UNKNOWN',
};

/** The name that EC2 gives a product today; `undefined` for what EC2 never sold by Spot. */
export function productOf(name: string): string | undefined {
  return productOfName[name.trim().replace(VPC_SUFFIX, '').toLowerCase()];
}

/** Whether a name is of the years when EC2 told prices in a VPC from those of EC2-Classic. */
export function isInVpc(name: string): boolean {
  return VPC_SUFFIX.test(name.trim());
}
