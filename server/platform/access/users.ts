import type { Actor, Role, User } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Access } from './access.ts';
import { hashPassword, isPassword } from './password.ts';
import type { UserStore } from './user-store.ts';

/** People with a name and a password. Whoever loses a role or a password loses open sessions with it. */
export class Users {
  readonly #store: UserStore;
  readonly #access: Access;
  readonly #clock: Clock;

  constructor(store: UserStore, access: Access, clock: Clock) {
    this.#store = store;
    this.#access = access;
    this.#clock = clock;
  }

  list(): Promise<User[]> {
    return this.#store.list();
  }

  /** @throws AppError `resource.conflict` when the name is taken */
  async create(name: string, role: Role, password: string): Promise<User> {
    const user: User = { id: newId('user'), name, role, createdAt: this.#clock.now(), lastSignInAt: null };
    if (!(await this.#store.insert(user, await hashPassword(password))))
      throw new AppError('resource.conflict', `There is a user "${name}" already.`, {
        hint: 'Choose another name.',
      });
    return user;
  }

  /** The person with this name and password. @throws AppError `access.unauthenticated`, alike for an unknown name */
  async recognise(name: string, password: string): Promise<Actor> {
    const found = await this.#store.findByName(name);
    if (!(await isPassword(password, found?.passwordHash)) || !found)
      throw new AppError('access.unauthenticated', 'This name and password do not belong together.', {
        hint: 'Try again, or ask an administrator for a new password.',
      });
    const { id, name: label, role } = found.user;
    await this.#store.update(id, { lastSignInAt: this.#clock.now() });
    return { id, label, role };
  }

  /** Gives another role, a new password, or both, and ends the sessions of the user. @throws AppError `resource.not-found` */
  async change(id: string, change: { readonly role?: Role; readonly password?: string }): Promise<User> {
    const { role, password } = change;
    const isFound = await this.#store.update(id, {
      ...(role === undefined ? {} : { role }),
      ...(password === undefined ? {} : { passwordHash: await hashPassword(password) }),
    });
    const found = isFound ? await this.#store.find(id) : undefined;
    if (!found) throw unknown(id);
    await this.#access.endSessionsOf(id);
    return found.user;
  }

  /**
   * Lets somebody change their own password; their other sessions end.
   * @throws AppError `access.forbidden` for somebody without one, `input.invalid` for a wrong one
   */
  async changeOwnPassword(actor: Actor, password: string, next: string, sessionId?: string): Promise<void> {
    const found = await this.#store.find(actor.id);
    if (!found)
      throw new AppError('access.forbidden', `“${actor.label}” signs in without a password of CloudOptim.`, {
        hint: 'Change it where you sign in.',
      });
    if (!(await isPassword(password, found.passwordHash)))
      throw new AppError('input.invalid', 'The present password is another one.', {
        hint: 'Type the password that you signed in with.',
      });
    await this.#store.update(actor.id, { passwordHash: await hashPassword(next) });
    await this.#access.endSessionsOf(actor.id, sessionId);
  }

  /** @throws AppError `resource.not-found` */
  async remove(id: string): Promise<void> {
    if (!(await this.#store.delete(id))) throw unknown(id);
    await this.#access.endSessionsOf(id);
  }
}

function unknown(id: string): AppError {
  return new AppError('resource.not-found', `There is no user "${id}".`);
}
