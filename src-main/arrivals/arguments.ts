import { isAbsolute, join } from 'node:path';
import { isModelFile } from './handed-files.ts';

/** What the system handed over on a command line. */
export interface HandedOver {
  readonly links: readonly string[];
  readonly files: readonly string[];
}

/**
 * Links and model files among the arguments of a start. Everything else is Electron's and Chromium's own, which may reorder them.
 * @param argv with the program first
 * @param folder that relative names count from
 */
export function handedOver(argv: readonly string[], folder: string): HandedOver {
  const given = argv.slice(1).filter(argument => !argument.startsWith('-'));
  const links = given.filter(argument => /^cloudoptim:/i.test(argument));
  const files = given
    .filter(argument => !links.includes(argument) && isModelFile(argument))
    .map(name => (isAbsolute(name) ? name : join(folder, name)));
  return { links, files };
}
