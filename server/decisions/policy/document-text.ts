import { parseDocument, stringify } from 'yaml';
import type { PolicyDocument } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';

/** A policy as YAML, in the order of the schema. */
export function documentYaml(document: PolicyDocument): string {
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

/**
 * The value that a text in YAML or JSON stands for; nothing is known of its shape. JSON is YAML, but its faults are told as such.
 * @param name how the text is called in messages
 * @throws AppError `input.invalid` with the line that cannot be read
 */
export function parseText(text: string, name: string): unknown {
  if (/^\s*[{[]/.test(text)) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // Flow style of YAML begins so, too.
    }
  }
  const parsed = parseDocument(text);
  const [error] = parsed.errors;
  if (error) {
    const [what = ''] = error.message.split('\n');
    throw new AppError('input.invalid', `${name} is neither YAML nor JSON: ${what.replace(/:$/, '')}.`);
  }
  try {
    // Aliases could make a small text grow without bounds; no policy needs them.
    return parsed.toJS({ maxAliasCount: 0 }) as unknown;
  } catch (cause) {
    throw new AppError('input.invalid', `${name} uses YAML aliases; write the values out.`, { cause });
  }
}
