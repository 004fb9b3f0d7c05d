import { type Address, authorization } from './api-client.ts';
import { errorOfAnswer, unreachable } from './api-error.ts';

/** Where the browser lets a page write into a file that the reader chose. */
interface FilePicker {
  readonly showSaveFilePicker?: (options: { suggestedName: string }) => Promise<{
    createWritable(): Promise<WritableStream<Uint8Array>>;
  }>;
}

/**
 * Lets the reader save what the server gives under `path`. With the session cookie the browser itself downloads; with a bearer token,
 * which no link can carry, the bytes are fetched and stream into a file where the browser can do that. Does nothing when the reader
 * changes their mind.
 * @throws ApiError with the server's words
 */
export async function saveFile(address: Address, path: string, name: string): Promise<void> {
  const url = address.baseUrl + path;
  // A link would save the refusal of the server as if it were the file: the answer is looked at first.
  const control = new AbortController();
  const answer = await fetch(url, { headers: authorization(address), signal: control.signal }).catch(() => {
    throw unreachable();
  });
  if (!answer.ok) throw errorOfAnswer(answer.status, await answer.text());
  if (address.token === undefined) {
    control.abort();
    follow(url, name);
    return;
  }
  const pick = (window as FilePicker).showSaveFilePicker;
  if (pick === undefined || answer.body === null) {
    const content = URL.createObjectURL(await answer.blob());
    follow(content, name);
    // Some browsers read the address after the click returned.
    setTimeout(() => URL.revokeObjectURL(content), 10_000);
    return;
  }
  try {
    const file = await pick.call(window, { suggestedName: name });
    await answer.body.pipeTo(await file.createWritable());
  } catch (error) {
    control.abort();
    if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
  }
}

function follow(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}
