type Handler = (...args: never[]) => unknown;

/** One end of a pipe between two processes, as `child_process` gives it. */
export interface LinkEnd {
  readonly connected?: boolean;
  send?(message: unknown): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

type Letter =
  | { readonly linkCall: string; readonly id: number; readonly args: readonly unknown[] }
  | { readonly linkAnswer: number; readonly value?: unknown; readonly error?: string };

/** Calls in both directions between the main process of the stand-in and the test that holds the browser. */
export class Link {
  readonly #end: LinkEnd;
  readonly #handlers = new Map<string, Handler>();
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #lastId = 0;

  constructor(end: LinkEnd) {
    this.#end = end;
    end.on('message', message => void this.#hear(message as Letter));
  }

  /** Answers calls of a name. */
  handle(name: string, handler: Handler): void {
    this.#handlers.set(name, handler);
  }

  /** Calls the other end. @throws Error with the words of the other end */
  ask<Value>(name: string, ...args: readonly unknown[]): Promise<Value> {
    const id = ++this.#lastId;
    return new Promise<Value>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      if (this.#end.connected) this.#end.send?.({ linkCall: name, id, args } satisfies Letter);
      else reject(new Error('The other end is gone.'));
    });
  }

  /** The other end is gone: nobody waits for it any more. */
  end(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }

  async #hear(letter: Letter): Promise<void> {
    if ('linkCall' in letter) {
      const { id } = letter;
      const answer = (what: { value?: unknown; error?: string }) => {
        if (this.#end.connected) this.#end.send?.({ linkAnswer: id, ...what } satisfies Letter);
      };
      try {
        const handler = this.#handlers.get(letter.linkCall) as ((...args: unknown[]) => unknown) | undefined;
        if (!handler) throw new Error(`Nothing answers to "${letter.linkCall}".`);
        answer({ value: await handler(...letter.args) });
      } catch (error) {
        answer({ error: String((error as Error)?.message ?? error) });
      }
    } else if ('linkAnswer' in letter) {
      const waiting = this.#waiting.get(letter.linkAnswer);
      this.#waiting.delete(letter.linkAnswer);
      if (letter.error === undefined) waiting?.resolve(letter.value);
      else waiting?.reject(new Error(letter.error));
    }
  }
}
