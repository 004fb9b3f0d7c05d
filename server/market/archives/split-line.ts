const QUOTE = '"';

/** Fields of a line, by the quoting rules of RFC 4180; blanks around a field are no part of it. */
export function splitLine(line: string, delimiter: string): string[] {
  if (!line.includes(QUOTE)) return line.split(delimiter).map(field => field.trim());
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    while (line[at] === ' ') at++;
    let field = '';
    if (line[at] === QUOTE) {
      for (at++; at < line.length; at++) {
        if (line[at] !== QUOTE) field += line[at];
        else if (line[at + 1] === QUOTE) field += line[at++];
        else break;
      }
      const next = line.indexOf(delimiter, at);
      at = next < 0 ? line.length : next;
    } else {
      const next = line.indexOf(delimiter, at);
      field = line.slice(at, next < 0 ? line.length : next).trim();
      at = next < 0 ? line.length : next;
    }
    fields.push(field);
    if (at >= line.length) return fields;
    at += delimiter.length;
  }
}
