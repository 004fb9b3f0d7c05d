import { damagedPickle } from './damaged-pickle.ts';

/** One byte per character. @throws AppError `model.not-a-model` for a character beyond Latin-1 */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 255) throw damagedPickle('bytes that were written as text hold a character beyond Latin-1');
    bytes[index] = code;
  }
  return bytes;
}
