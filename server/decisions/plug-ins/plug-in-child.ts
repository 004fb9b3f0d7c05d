/** The script of the capped child of one plug-in engine. It has no secrets and may die at any time. */
import { answerRequests } from '../../platform/workers/answer-requests.ts';
import { openWebAssembly } from './open-webassembly.ts';
import {
  type OpenedModule,
  PlugInProblem,
  type PlugInReply,
  type PlugInRequest,
} from './plug-in-messages.ts';

let opened: OpenedModule | undefined;

answerRequests(async (body): Promise<PlugInReply> => {
  try {
    const request = body as PlugInRequest;
    if (request.kind === 'decide') {
      if (!opened) throw new PlugInProblem('no module is open');
      return { ok: true, text: opened.decide(request.input) };
    }
    opened = await open(request);
    return { ok: true, text: opened.manifestText };
  } catch (error) {
    if (!(error instanceof PlugInProblem)) throw error;
    return { ok: false, reason: error.message, isFault: error.isFault, isOverrun: error.isOverrun };
  }
});

async function open(request: Extract<PlugInRequest, { kind: 'open' }>): Promise<OpenedModule> {
  const { module, bytes, limits } = request;
  if (module === 'webassembly') return openWebAssembly(bytes, limits);
  // Loaded for JavaScript only: it is a megabyte.
  const { openJavaScript } = await import('./open-javascript.ts');
  let source: string;
  try {
    source = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new PlugInProblem('the file is not UTF-8');
  }
  return openJavaScript(source, limits);
}
