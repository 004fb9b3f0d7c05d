import type { ChildAnswer, ChildRequest } from './child-messages.ts';

/**
 * The child's side: answers each request of the parent in turn; a throw becomes a refusal with the error's message.
 * The child ends when its parent has gone.
 */
export function answerRequests(handle: (body: unknown) => Promise<unknown>): void {
  const send = (answer: ChildAnswer) => process.send?.(answer);
  let last: Promise<void> = Promise.resolve();
  process.on('message', (message: unknown) => {
    const { id, body } = message as ChildRequest;
    last = last.then(async () => {
      try {
        send({ id, ok: true, value: await handle(body) });
      } catch (error) {
        send({ id, ok: false, message: error instanceof Error ? error.message : String(error) });
      }
    });
  });
  process.on('disconnect', () => process.exit(0));
}
