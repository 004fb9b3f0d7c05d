/** Runs before the script of a utility process: gives it `process.parentPort`, and ends it with its parent. */
import { EventEmitter } from 'node:events';

class ParentPort extends EventEmitter {
  #early: unknown[] = [];

  constructor() {
    super();
    this.on('newListener', (name: string) => {
      // What came before anybody listened is kept, as in Electron.
      if (name !== 'message') return;
      const early = this.#early.splice(0);
      queueMicrotask(() => {
        for (const data of early) this.emit('message', { data, ports: [] });
      });
    });
    process.on('message', (data: unknown) => {
      if (!this.emit('message', { data, ports: [] })) this.#early.push(data);
    });
    process.on('disconnect', () => process.exit(0));
  }

  postMessage(message: unknown): void {
    process.send?.(message);
  }
}

Object.assign(process, { parentPort: new ParentPort() });
