import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { Arrival } from '../../common/desktop-bridge.ts';

/** What a model file is called; the same endings are associated with the app when it is installed. */
const MODEL_FILE = /\.(onnx|pkl|pickle|joblib|ubj)(\.(gz|z))?$/i;
/** So many may wait for the window at once; the oldest is let go first. */
const MOST_WAITING = 8;

interface Waiting {
  readonly handle: FileHandle;
  readonly bytes: number;
}

/** Whether a name is that of a model. */
export function isModelFile(name: string): boolean {
  return MODEL_FILE.test(name);
}

/**
 * Files that a person handed over: by a double-click, an argument or a dialog. The window never names a path; it gets an address with a
 * token that gives the bytes of that one file once. The file is opened when it is handed over, so that nobody can put another in its place.
 */
export class HandedFiles {
  readonly #newToken: () => string;
  readonly #waiting = new Map<string, Waiting>();

  /** @param newToken makes unguessable text of letters, digits, `-` and `_` */
  constructor(newToken: () => string) {
    this.#newToken = newToken;
  }

  /** Opens a file for the window; an arrival that says why not when it cannot be a model. */
  async offer(path: string): Promise<Arrival> {
    const name = basename(path);
    if (!isModelFile(name))
      return refused(`"${name}" is no model file.`, 'Open a file that ends in .onnx, .pkl, .joblib or .ubj.');
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      const facts = await handle.stat();
      if (facts.isFile() && facts.size > 0) {
        const token = this.#newToken();
        this.#keep(token, { handle, bytes: facts.size });
        return { kind: 'file', name, path: `/handed/${token}` };
      }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      return refused(
        `"${name}" cannot be read (${code}).`,
        'Check that it still exists and that you may read it.',
      );
    }
    await handle.close();
    return refused(`"${name}" is empty or no file.`, 'Open the model file itself.');
  }

  /** The bytes of a file, for the first who asks with its token. */
  answer(token: string): Response | undefined {
    const file = this.#waiting.get(token);
    if (!file) return undefined;
    this.#waiting.delete(token);
    // The stream closes the file at its end, and when the window goes away.
    const bytes = Readable.toWeb(file.handle.createReadStream()) as ReadableStream<Uint8Array>;
    return new Response(bytes, {
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(file.bytes),
        'content-disposition': 'attachment',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
    });
  }

  #keep(token: string, file: Waiting): void {
    this.#waiting.set(token, file);
    const [oldest] = this.#waiting;
    if (this.#waiting.size <= MOST_WAITING || !oldest) return;
    this.#waiting.delete(oldest[0]);
    void oldest[1].handle.close();
  }
}

function refused(message: string, hint: string): Arrival {
  return { kind: 'refused', message, hint };
}
