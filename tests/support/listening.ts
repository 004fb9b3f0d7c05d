import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';

/** Addresses on which a process accepts connections, e.g. `127.0.0.1:8080`; known on Linux only. */
export const listening = process.platform === 'linux' ? listeningOnLinux : undefined;

function listeningOnLinux(pid: number): string[] {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap(fd => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        // It was closed meanwhile.
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap(kind =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .split('\n')
      .slice(1)
      .map(line => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === LISTEN && own.has(`socket:[${inode}]`))
      .map(([, address = '']) => addressOf(address)),
  );
}

/** Four bytes of the address in the order of the machine, then the port, as the kernel prints them. */
function addressOf(text: string): string {
  const [host = '', port = ''] = text.split(':');
  const shown =
    host.length === 8
      ? (host.match(/../g) ?? [])
          .map(byte => Number(`0x${byte}`))
          .reverse()
          .join('.')
      : host;
  return `${shown}:${Number(`0x${port}`)}`;
}
