import { writeFileSync } from 'node:fs';
import { AppError } from '../../common/errors.ts';

/** Writes a file that a flag names. @throws AppError `input.invalid` naming flag and path */
export function writeReport(flag: string, path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new AppError('input.invalid', `${flag} is ${path}, which cannot be written.`, {
      cause,
      hint: 'Check that the folder exists and may be written to.',
    });
  }
}
