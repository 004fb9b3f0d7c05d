import { ApiError } from '../connection/api-error.ts';

const SENTENCES: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  expired: [
    'The sign-in took too long, or began in another browser.',
    'Begin again; it has to end within ten minutes.',
  ],
  'no-role': [
    'Your organisation knows you, but you have no role in CloudOptim.',
    'Ask an administrator which group gives one.',
  ],
  refused: [
    'Your organisation did not let you in.',
    'Try again; the log of the server and the audit log say why.',
  ],
  unreachable: [
    'The sign-in of your organisation does not answer.',
    'Try again in a minute, or sign in with a password or a token.',
  ],
};

/** What came of a single sign-on, for people; only sentences of our own, since anybody can make up an address. */
export function signOnProblem(code: string): ApiError {
  const [message, hint] = SENTENCES[code] ?? SENTENCES.refused ?? ['', ''];
  return new ApiError({ code: 'access.unauthenticated', kind: 'user', message, hint, status: 401 });
}
