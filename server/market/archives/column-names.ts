/** What a column of a price file can hold. */
export type Column = 'region' | 'zone' | 'type' | 'product' | 'price' | 'time';

/** Spellings in the recordings and obvious variants, without case, blanks and punctuation. Earlier ones are preferred. */
const spellings: Readonly<Record<Column, readonly string[]>> = {
  region: ['region', 'regionname', 'awsregion'],
  // Records of the API are kept by name, so that a file that has both merges with them.
  zone: [
    'availabilityzone',
    'availabilityzonename',
    'azname',
    'zonename',
    'az',
    'zone',
    'availabilityzoneid',
    'azid',
    'zoneid',
  ],
  type: ['instancetype', 'instancetypename', 'machinetype', 'instance', 'type'],
  product: ['productdescription', 'product', 'productname', 'operatingsystem', 'os', 'platform'],
  price: [
    'spotprice',
    'spotpriceusd',
    'priceusd',
    'spotpriceusdhour',
    'priceusdhour',
    'price',
    'usd',
    'cost',
  ],
  time: ['timestamp', 'time', 'datetime', 'date', 'at', 'ts', 'timestamputc', 'timeutc'],
};

export const columns = Object.keys(spellings) as Column[];

/** Without these a file tells no price. */
export const neededColumns: readonly Column[] = ['zone', 'type', 'price', 'time'];

/** Which of some names stands for which column: `{zone: 'AvailabilityZone', …}`. */
export function columnsOfNames(names: readonly string[]): Partial<Record<Column, string>> {
  const plain = new Map<string, string>();
  for (const name of names) {
    const key = name.toLowerCase().replace(/[^a-z]/g, '');
    if (!plain.has(key)) plain.set(key, name);
  }
  const found: Partial<Record<Column, string>> = {};
  for (const column of columns) {
    const spelling = spellings[column].find(each => plain.has(each));
    const name = spelling === undefined ? undefined : plain.get(spelling);
    if (name !== undefined) found[column] = name;
  }
  return found;
}
