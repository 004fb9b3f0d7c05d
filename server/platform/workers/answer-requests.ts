import { Socket } from 'node:net';
import { type ChildAnswer, type ChildRequest, MESSAGES_FD } from './child-messages.ts';
import { messageFrame, readMessages } from './message-frames.ts';

/**
 * The child's side: answers each request of the parent in turn; a throw becomes a refusal with the error's message.
 * The child ends when its parent has gone.
 */
export function answerRequests(handle: (body: unknown) => Promise<unknown>): void {
  const pipe = new Socket({ fd: MESSAGES_FD });
  const send = (answer: ChildAnswer) => pipe.write(messageFrame(answer));
  let last: Promise<void> = Promise.resolve();
  readMessages(
    pipe,
    message => {
      const { id, body } = message as ChildRequest;
      last = last.then(async () => {
        try {
          send({ id, ok: true, value: await handle(body) });
        } catch (error) {
          send({ id, ok: false, message: error instanceof Error ? error.message : String(error) });
        }
      });
    },
    () => process.exit(1),
  );
  pipe.on('error', () => undefined);
  pipe.on('close', () => process.exit(0));
}
