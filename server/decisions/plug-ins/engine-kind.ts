import type { PlugInKind } from './plug-in-messages.ts';

/** What a module is by its first bytes: `\0asm` is WebAssembly, and whatever else is taken for JavaScript. */
export function engineKind(content: Uint8Array): PlugInKind {
  return Buffer.from(content.subarray(0, 4)).toString('latin1') === '\0asm' ? 'webassembly' : 'javascript';
}
