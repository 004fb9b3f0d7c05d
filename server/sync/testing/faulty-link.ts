import type { CallInput, CallOutput, PeerVersions, Procedure } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { versionsText } from '../agree-versions.ts';
import { answeredError } from '../link-failure.ts';
import { demandMayCall, openPeerFile, type PeerAsk } from '../peer-calls.ts';
import type { PeerLink } from '../peer-link.ts';
import type { TestEngine } from './test-engine.ts';

/**
 * What becomes of a call: `late`: it arrives once more after all that follows it, when nobody waits for its answer; `raced`: somebody does
 * something at the server just before.
 */
export type Fate = 'arrives' | 'lost' | 'answer-lost' | 'twice' | 'late' | 'raced';

/** The network between engines: whatever is sent is written and read as on the wire, and may be lost, doubled or late. */
export class Network {
  readonly #late: (() => Promise<unknown>)[] = [];
  /** Number of calls so far. */
  calls = 0;
  fateOf: (call: number) => Fate = () => 'arrives';
  race: () => Promise<void> = async () => undefined;
  /** How many bytes of a file come before the line breaks. */
  breaksAfter: number | undefined;

  /** The way of a guest to a server. */
  link(server: TestEngine, key: string, speaks: PeerVersions): PeerLink {
    return {
      call: async (procedure, input, signal) => {
        signal?.throwIfAborted();
        const fate = this.fateOf(this.calls++);
        if (fate === 'lost') throw broken();
        const text = JSON.stringify(input);
        const ask = () => answer(server, key, speaks, procedure, text);
        if (fate === 'raced') await this.race();
        if (fate === 'twice') await ask().catch(() => undefined);
        if (fate === 'late') this.#late.push(ask);
        const answered = await ask();
        if (fate === 'answer-lost') throw broken();
        return answered;
      },
      download: async (sha256, fromByte) => {
        const fate = this.fateOf(this.calls++);
        if (fate === 'lost') throw broken();
        const { stream } = await openPeerFile(server.models, sha256, fromByte);
        return cut(stream, fate === 'answer-lost' ? 10 : this.breaksAfter);
      },
    };
  }

  /** What is on its way arrives now, the last one first. */
  async arriveLate(): Promise<void> {
    for (const ask of this.#late.splice(0).reverse()) await ask().catch(() => undefined);
  }
}

async function answer<P extends Procedure>(
  server: TestEngine,
  key: string,
  speaks: PeerVersions,
  procedure: P,
  text: string,
): Promise<CallOutput<P>> {
  try {
    const guest = await server.guests.verify(key);
    if (!guest || guest === 'revoked') throw new AppError('sync.key-refused', 'The key is not known.');
    const call = server.calls.find(one => one.procedure === (procedure as Procedure));
    if (!call) throw new Error(`no call ${procedure.path}`);
    demandMayCall(server.self, guest, versionsText(speaks), call.writes);
    const { params, query, body } = JSON.parse(text) as CallInput<Procedure> & Record<string, unknown>;
    const ask = {
      params: procedure.params?.parse(params),
      query: procedure.query?.parse(query ?? {}),
      body: procedure.body?.parse(body),
    } as unknown as PeerAsk<Procedure>;
    const answered = JSON.stringify(await call.answer(guest, ask));
    return procedure.response.parse(JSON.parse(answered)) as CallOutput<P>;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw answeredError(error.httpStatus, JSON.parse(JSON.stringify({ error: error.toBody() })), server.name);
  }
}

async function* cut(
  stream: AsyncIterable<Uint8Array>,
  after: number | undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of stream) {
    if (after !== undefined && bytes + chunk.length > after) {
      yield chunk.subarray(0, after - bytes);
      throw broken();
    }
    yield chunk;
    bytes += chunk.length;
  }
}

function broken(): AppError {
  return new AppError('sync.unreachable', 'The line broke.');
}
