import { classifyGlobal, type GlobalPolicy } from './allowed-globals.ts';
import { ByteReader } from './byte-reader.ts';
import { checkStructure } from './check-structure.ts';
import { damagedPickle } from './damaged-pickle.ts';
import { openContainer } from './open-container.ts';
import { pickleOpcodes } from './pickle-opcodes.ts';
import type { PythonValue } from './python-values.ts';
import { readPickle } from './read-pickle.ts';

/** A pickled file as data. */
export interface PythonFile {
  /** Contains itself nowhere, at most 200 levels deep. */
  readonly root: PythonValue;
  readonly format: 'pickle' | 'joblib';
  readonly container: 'plain' | 'zlib' | 'gzip';
  readonly protocol: number;
}

/**
 * Reads a file of pickle (protocols 0 to 5, also inside gzip) or joblib (plain, zlib, gzip) without running anything of it.
 * @param policy which names of classes and functions are let in; the tests of the walls behind it pass another one
 * @throws AppError `model.not-a-model` for other files and damage; `model.rejected` naming the class, function, opcode or compression that is not let in
 */
export function readPythonFile(bytes: Uint8Array, policy: GlobalPolicy = classifyGlobal): PythonFile {
  const opened = openContainer(bytes);
  const first = opened.bytes[0];
  if (first === undefined || !firstBytes.has(first)) throw damagedPickle('it does not begin like a pickle');
  const reader = new ByteReader(opened.bytes);
  const { root, protocol, joblibArrays } = readPickle(reader, policy);
  if (reader.left > 0) throw damagedPickle(`${reader.left} more bytes follow behind its end`);
  checkStructure(root);
  const isJoblib = joblibArrays > 0 || opened.container === 'zlib';
  return { root, format: isJoblib ? 'joblib' : 'pickle', container: opened.container, protocol };
}

const firstBytes: ReadonlySet<number> = new Set(Object.values(pickleOpcodes).map(([code]) => code));
