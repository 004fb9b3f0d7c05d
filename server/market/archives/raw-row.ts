/** A record as its file has it. Absent columns are empty. */
export interface RawRow {
  readonly line: number;
  readonly region: string;
  readonly zone: string;
  readonly type: string;
  readonly product: string;
  readonly price: string;
  readonly time: string;
  /** The last line, which has no end: it may have been cut. */
  readonly isUnterminated: boolean;
}

/** Turns text into rows, however the text is cut into pieces. */
export interface RowScanner {
  /** Rows that are complete now. Once `damage` is set, nothing follows. */
  push(text: string): RawRow[];
  /** What is left at the end of the text. */
  end(): RawRow[];
  /** The line that is being read. */
  readonly line: number;
  readonly damage: { readonly line: number; readonly reason: string } | undefined;
}

/** A line of prices has about 80 bytes; one of a megabyte is something else. */
export const LONGEST_LINE = 1024 * 1024;
