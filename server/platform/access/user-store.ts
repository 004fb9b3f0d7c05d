import type { Role, User } from '../../../common/contracts/index.ts';
import type { Database } from '../database/database.ts';
import type { AccessTables } from './access-tables.ts';

/** A user with what their password is checked against. */
export interface UserRow {
  readonly user: User;
  readonly passwordHash: string;
}

/** People with a password of their own. */
export class UserStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** `false` when the name is taken. */
  async insert(user: User, passwordHash: string): Promise<boolean> {
    return this.#database.write<AccessTables, boolean>(async transaction => {
      const result = await transaction
        .insertInto('users')
        .values({
          id: user.id,
          name: user.name,
          folded_name: foldName(user.name),
          role: user.role,
          password_hash: passwordHash,
          created_at: user.createdAt,
          last_sign_in_at: user.lastSignInAt,
        })
        .onConflict(conflict => conflict.column('folded_name').doNothing())
        .executeTakeFirst();
      return Number(result.numInsertedOrUpdatedRows) > 0;
    });
  }

  async list(): Promise<User[]> {
    const rows = await this.#database
      .reader<AccessTables>()
      .selectFrom('users')
      .selectAll()
      .orderBy('folded_name')
      .execute();
    return rows.map(userFromRow);
  }

  findByName(name: string): Promise<UserRow | undefined> {
    return this.#find('folded_name', foldName(name));
  }

  find(id: string): Promise<UserRow | undefined> {
    return this.#find('id', id);
  }

  /** Changes what is given. `false` when there is no such user. */
  async update(
    id: string,
    change: { readonly role?: Role; readonly passwordHash?: string; readonly lastSignInAt?: number },
  ): Promise<boolean> {
    return this.#database.write<AccessTables, boolean>(async transaction => {
      const result = await transaction
        .updateTable('users')
        .set({
          ...(change.role === undefined ? {} : { role: change.role }),
          ...(change.passwordHash === undefined ? {} : { password_hash: change.passwordHash }),
          ...(change.lastSignInAt === undefined ? {} : { last_sign_in_at: change.lastSignInAt }),
        })
        .where('id', '=', id)
        .executeTakeFirst();
      return Number(result.numUpdatedRows) > 0;
    });
  }

  /** `false` when there is no such user. */
  async delete(id: string): Promise<boolean> {
    return this.#database.write<AccessTables, boolean>(async transaction => {
      const result = await transaction.deleteFrom('users').where('id', '=', id).executeTakeFirst();
      return Number(result.numDeletedRows) > 0;
    });
  }

  async #find(column: 'id' | 'folded_name', value: string): Promise<UserRow | undefined> {
    const row = await this.#database
      .reader<AccessTables>()
      .selectFrom('users')
      .selectAll()
      .where(column, '=', value)
      .executeTakeFirst();
    return row && { user: userFromRow(row), passwordHash: row.password_hash };
  }
}

/** Names that people cannot tell apart are one. */
function foldName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

function userFromRow(row: AccessTables['users']): User {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at,
  };
}
