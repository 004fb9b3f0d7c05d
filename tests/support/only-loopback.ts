/**
 * Loaded before everything else (`node --import`): connections to anything but this machine, and look-ups of names, fail at once, as without a
 * network. For machines on which a namespace without a network cannot be made; children of the process get it by NODE_OPTIONS.
 */
import dns from 'node:dns';
import { Socket, type SocketConnectOpts } from 'node:net';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;
const { connect } = Socket.prototype;

Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  // Node itself calls with one array of the arguments that it has put in order.
  const [first] = (Array.isArray(args[0]) ? args[0] : args) as unknown[];
  const options = (
    typeof first === 'object' && first !== null ? first : { port: first, host: args[1] }
  ) as Partial<SocketConnectOpts & { host: string; path: string }>;
  if (options.path !== undefined || LOOPBACK.test(options.host ?? 'localhost'))
    return Reflect.apply(connect, this, args) as Socket;
  process.nextTick(() =>
    this.destroy(Object.assign(new Error(`connect ENETUNREACH ${options.host}`), { code: 'ENETUNREACH' })),
  );
  return this;
} as typeof connect;

const { lookup } = dns;
dns.lookup = ((name: string, ...rest: unknown[]) => {
  if (LOOPBACK.test(name)) return Reflect.apply(lookup, dns, [name, ...rest]);
  const answer = rest.at(-1) as (error: Error) => void;
  process.nextTick(() =>
    answer(Object.assign(new Error(`getaddrinfo EAI_AGAIN ${name}`), { code: 'EAI_AGAIN' })),
  );
}) as typeof dns.lookup;
