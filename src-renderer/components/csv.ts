/** A cell as a table holds it. */
export type CellValue = string | number | null;

/** RFC 4180 text with a header line. Text that a spreadsheet would run as a formula is made harmless by an apostrophe. */
export function toCsv(headers: readonly string[], rows: readonly (readonly CellValue[])[]): string {
  return [headers, ...rows].map(row => row.map(csvCell).join(',')).join('\r\n');
}

/** Lets the reader save text as a file. */
export function saveTextFile(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // Some browsers read the address after the click returned.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function csvCell(value: CellValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
