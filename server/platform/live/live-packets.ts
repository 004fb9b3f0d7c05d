import type { Socket } from 'socket.io';
import type { LiveDelta } from '../../../common/live-topics.ts';

/** Deltas as they go over the wire. */
export interface LivePacket {
  /** A Socket.IO packet. */
  readonly text: string;
  /** The same in its WebSocket frame. */
  readonly frame: Buffer;
}

/**
 * Encodes batches of deltas for a namespace. A batch of one delta, as most are, is encoded once for all who are sent the same delta. Each
 * asks for an acknowledgement, because programs of others may call the function that they are given; it is not waited for.
 */
export function packetsOnce(namespace: string): (batch: readonly LiveDelta[]) => LivePacket {
  const known = new WeakMap<LiveDelta, LivePacket>();
  const encode = (batch: readonly LiveDelta[]): LivePacket => {
    // Event with acknowledgement 0, https://socket.io/docs/v4/socket-io-protocol/#packet-encoding
    const text = `2${namespace},0${JSON.stringify(['deltas', batch])}`;
    return { text, frame: textFrame(`4${text}`) };
  };
  return batch => {
    const [delta, ...others] = batch;
    if (!delta || others.length > 0) return encode(batch);
    const packet = known.get(delta) ?? encode(batch);
    known.set(delta, packet);
    return packet;
  };
}

/**
 * Sends a packet on the connection under a socket; `taken` is called when the operating system has taken all of it, which it does not while
 * the other side reads nothing, and never when the connection ends before that.
 */
export function sendPacket(connection: Socket['conn'], { text, frame }: LivePacket, taken: () => void): void {
  // As Socket.IO does for its own broadcasts; a transport that does not know the frame sends the text.
  const options = { compress: false, wsPreEncodedFrame: [frame] };
  connection.send(text, options, taken);
}

/** One unmasked text frame (RFC 6455, 5.2). */
function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerBytes + length);
  frame[0] = 0x81;
  if (headerBytes === 2) frame[1] = length;
  else if (headerBytes === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerBytes);
  return frame;
}
