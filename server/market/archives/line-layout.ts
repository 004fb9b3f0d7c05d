import type { ArchiveFormat } from '../../../common/contracts/index.ts';
import { type Column, columns, columnsOfNames, neededColumns } from './column-names.ts';
import { TimestampReader } from './parse-timestamp.ts';
import { productOf } from './products.ts';
import { splitLine } from './split-line.ts';
import { regionOfZone } from './zones.ts';

/** Where a line has what. */
export interface LineLayout {
  readonly format: ArchiveFormat;
  readonly delimiter: string;
  readonly positions: Readonly<Record<Column, number>>;
  /** How many fields each line has. */
  readonly fields: number;
  /** The column that stands last. */
  readonly last: Column | undefined;
}

const delimiters = ['\t', ',', ';', '|'];
const AWS_TEXT = /^SPOT(?:PRICEHISTORY|INSTANCEPRICE)$/;
const TYPE = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/i;
const PRICE = /^\d*\.?\d+$/;

/** The layout that a header names; `undefined` when the line is no header of prices. */
export function layoutOfHeader(line: string): LineLayout | undefined {
  for (const delimiter of delimiters) {
    const names = splitLine(line, delimiter);
    const found = columnsOfNames(names);
    if (!neededColumns.every(column => found[column] !== undefined)) continue;
    return layout(delimiter, names.length, column => names.indexOf(found[column] ?? '\0'));
  }
  return undefined;
}

/** The layout of a line without a header, told by what its fields look like, in whatever order they stand. */
export function layoutOfRow(line: string): LineLayout | undefined {
  for (const delimiter of delimiters) {
    const fields = splitLine(line, delimiter);
    const of = fields.map(columnOf);
    if (!neededColumns.every(column => of.includes(column))) continue;
    return layout(delimiter, fields.length, column => of.indexOf(column), AWS_TEXT.test(fields[0] ?? ''));
  }
  return undefined;
}

function columnOf(field: string): Column | undefined {
  if (regionOfZone(field) !== undefined) return 'zone';
  if (new TimestampReader().read(field) !== undefined) return 'time';
  if (PRICE.test(field)) return 'price';
  if (TYPE.test(field)) return 'type';
  return productOf(field) === undefined ? undefined : 'product';
}

function layout(
  delimiter: string,
  fields: number,
  positionOf: (column: Column) => number,
  isAwsText = false,
): LineLayout {
  const positions = Object.fromEntries(columns.map(column => [column, positionOf(column)])) as Record<
    Column,
    number
  >;
  const format = isAwsText ? 'aws-text' : delimiter === '\t' ? 'tsv' : 'csv';
  return {
    format,
    delimiter,
    positions,
    fields,
    last: columns.find(column => positions[column] === fields - 1),
  };
}
