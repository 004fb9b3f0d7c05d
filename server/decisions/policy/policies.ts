import {
  DEFAULT_POLICY_SCOPE,
  type KillSwitch,
  type PolicyDocument,
  type PolicyRevision,
  policyDocument,
} from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { AuditLog, Clock, LiveHub } from '../../platform/index.ts';
import type { PlanActor } from '../plan-journal.ts';
import { checkDocument } from './check-document.ts';
import { documentYaml, parseText } from './document-text.ts';
import { type PolicyInForce, policyInForce } from './policy-in-force.ts';
import type { PolicyStore, StoredRevision } from './policy-store.ts';

/** What policies are kept with. */
export interface PolicyParts {
  readonly store: PolicyStore;
  readonly audit: AuditLog;
  readonly live: LiveHub;
  readonly clock: Clock;
  /** `undefined` for an unknown cluster. */
  readonly clusterName: (clusterId: string) => string | undefined;
  /** What holds while nothing was saved. */
  readonly builtIn?: PolicyDocument;
}

/** A document as it came in: as a value, or as text in YAML or JSON. */
export interface GivenDocument {
  readonly document?: unknown;
  readonly text?: string | undefined;
}

/**
 * Policies by scope, and kill switches. What holds is read anew each time it is asked for: of several engines on one database none acts
 * by an old policy.
 */
export class Policies {
  readonly #parts: PolicyParts;
  readonly #builtIn: PolicyDocument;
  readonly #listeners: ((scope: string) => void)[] = [];

  constructor(parts: PolicyParts) {
    this.#parts = parts;
    this.#builtIn = parts.builtIn ?? policyDocument.parse({});
    parts.live.define('policies', async () => {
      const { policies, killSwitches } = await this.list();
      return [
        ...policies.map(one => ({ key: `policy/${one.scope}`, value: one })),
        ...killSwitches.map(one => ({ key: `kill-switch/${one.scope}`, value: one })),
      ];
    });
  }

  /** Hears of each scope whose policy or kill switch changed, after the commit. */
  onChanged(listener: (scope: string) => void): void {
    this.#listeners.push(listener);
  }

  /** @throws AppError `storage.damaged` where a saved document cannot be read any more: nothing may act by a guess */
  async inForce(clusterId: string): Promise<PolicyInForce> {
    const { store, clusterName } = this.#parts;
    const last = await store.last([DEFAULT_POLICY_SCOPE, clusterId]);
    const ofScope = (scope: string) => last.find(one => one.scope === scope);
    const common = ofScope(DEFAULT_POLICY_SCOPE);
    const commonDocument = common ? (documentOf(common) ?? this.#builtIn) : this.#builtIn;
    const own = ofScope(clusterId);
    const ownDocument = own && documentOf(own);
    const killSwitches = (await store.killSwitches()).filter(
      ({ scope }) => scope === DEFAULT_POLICY_SCOPE || scope === clusterId,
    );
    const used = ownDocument ? own : common;
    const revision = used?.revision ?? 0;
    const label = ownDocument
      ? `policy ${revision} of ${clusterName(clusterId) ?? clusterId}`
      : `policy ${revision} for all clusters`;
    const scope = ownDocument ? clusterId : DEFAULT_POLICY_SCOPE;
    return policyInForce(
      { scope, revision, label, document: ownDocument ?? commonDocument },
      commonDocument,
      killSwitches,
    );
  }

  /** The default, and what each cluster has of its own; kill switches that were ever thrown, and that for all. */
  async list(): Promise<{ policies: PolicyRevision[]; killSwitches: KillSwitch[] }> {
    const { store } = this.#parts;
    const last = await store.last();
    const thrown = await store.killSwitches();
    const isCommon = ({ scope }: { scope: string }) => scope === DEFAULT_POLICY_SCOPE;
    return {
      policies: [
        ...(last.some(isCommon) ? [] : [this.#nothingSaved(DEFAULT_POLICY_SCOPE)]),
        ...last.map(shownRevision),
      ],
      killSwitches: [
        ...(thrown.some(isCommon)
          ? []
          : [{ scope: DEFAULT_POLICY_SCOPE, on: false, at: null, by: null, reason: null }]),
        ...thrown,
      ],
    };
  }

  /** The last revision of a scope. @throws AppError `resource.not-found` for an unknown cluster */
  async get(scope: string): Promise<PolicyRevision> {
    this.#demandScope(scope);
    const [last] = await this.#parts.store.last([scope]);
    return last ? shownRevision(last) : this.#nothingSaved(scope);
  }

  /** Newest first. @throws AppError `resource.not-found` for an unknown cluster */
  async revisions(scope: string, limit: number, before?: number): Promise<PolicyRevision[]> {
    this.#demandScope(scope);
    return (await this.#parts.store.revisions(scope, limit, before)).map(shownRevision);
  }

  /** The document that holds for a scope, as text. */
  async exported(scope: string, format: 'yaml' | 'json'): Promise<{ fileName: string; text: string }> {
    this.#demandScope(scope);
    const own = await this.get(scope);
    const { document } = own.document ? own : await this.get(DEFAULT_POLICY_SCOPE);
    const used = document ?? this.#builtIn;
    const name = scope === DEFAULT_POLICY_SCOPE ? 'default' : (this.#parts.clusterName(scope) ?? scope);
    return {
      fileName: `policy-${name.replace(/[^\w.-]+/g, '-')}.${format}`,
      text: format === 'json' ? `${JSON.stringify(used, null, 2)}\n` : documentYaml(used),
    };
  }

  /**
   * Saves a new revision. The same document again changes nothing.
   * @param baseRevision the revision that was edited
   * @throws AppError `input.invalid` with all problems in its details; `resource.conflict` with both versions in its details when another
   * revision was saved meanwhile; `resource.not-found`
   */
  async save(
    scope: string,
    given: GivenDocument,
    baseRevision: number,
    actor: PlanActor,
    note?: string,
  ): Promise<PolicyRevision> {
    this.#demandScope(scope);
    const checked = checkDocument(givenValue(given), this.#parts.clock.now());
    if (!checked.ok) {
      const [first, ...more] = checked.problems;
      const others = more.length === 0 ? '' : ` And ${more.length} more.`;
      throw new AppError('input.invalid', `${first?.text ?? 'The policy cannot be read.'}${others}`, {
        details: { problems: checked.problems },
      });
    }
    return this.#append(scope, checked.document, baseRevision, actor, { note });
  }

  /** Lets a cluster follow the default again. @throws AppError as `save` does */
  async followDefault(
    scope: string,
    baseRevision: number,
    actor: PlanActor,
    note?: string,
  ): Promise<PolicyRevision> {
    this.#demandScope(scope);
    if (scope === DEFAULT_POLICY_SCOPE)
      throw new AppError('input.invalid', 'The policy for all clusters has no other that it could follow.');
    return this.#append(scope, null, baseRevision, actor, { note });
  }

  /** Saves an older revision again. @throws AppError as `save` does; `resource.not-found` for an unknown revision */
  async revert(
    scope: string,
    revision: number,
    baseRevision: number,
    actor: PlanActor,
    note?: string,
  ): Promise<PolicyRevision> {
    this.#demandScope(scope);
    const older = await this.#parts.store.revision(scope, revision);
    if (!older) throw new AppError('resource.not-found', `There is no revision ${revision} of this policy.`);
    const document = documentOf(older);
    const checked = document && checkDocument(document, this.#parts.clock.now());
    if (checked && !checked.ok)
      throw new AppError(
        'input.invalid',
        `Revision ${revision} cannot come back as it was: ${checked.problems[0]?.text}`,
        {
          hint: 'Edit it: open the revision, change the named field, and save it as a new one.',
          details: { problems: checked.problems },
        },
      );
    return this.#append(scope, document, baseRevision, actor, { note, revertedFrom: revision });
  }

  /** Throws a kill switch, or takes it back; the audit entry is in the same commit. @throws AppError `resource.not-found` */
  async setKillSwitch(scope: string, on: boolean, reason: string, actor: PlanActor): Promise<KillSwitch> {
    this.#demandScope(scope);
    const { store, audit, clock, live } = this.#parts;
    const killSwitch = { scope, on, at: clock.now(), by: actor.label, reason };
    await store.write(async transaction => {
      await audit.recordIn(transaction, {
        actor: `${actor.label} (${actor.id})`,
        action: on ? 'policy.kill-switch-on' : 'policy.kill-switch-off',
        subject: scope,
        detail: { reason },
      });
      await store.setKillSwitch(transaction, killSwitch);
    });
    live.publish('policies', `kill-switch/${scope}`, killSwitch);
    this.#tell(scope);
    return killSwitch;
  }

  async #append(
    scope: string,
    document: PolicyDocument | null,
    baseRevision: number,
    actor: PlanActor,
    more: { readonly note?: string | undefined; readonly revertedFrom?: number },
  ): Promise<PolicyRevision> {
    const { store, audit, clock, live } = this.#parts;
    const added = await store.write(async transaction => {
      const last = await store.lastIn(transaction, scope);
      const saved = last ? shownRevision(last) : this.#nothingSaved(scope);
      if (saved.revision !== baseRevision) throw conflict(saved, baseRevision, document);
      if (saved.revision > 0 && isSame(saved.document, document)) return undefined;
      const next: StoredRevision = {
        scope,
        revision: saved.revision + 1,
        document,
        savedAt: clock.now(),
        savedBy: actor.label,
        note: more.note ?? null,
        revertedFrom: more.revertedFrom ?? null,
      };
      await audit.recordIn(transaction, {
        actor: `${actor.label} (${actor.id})`,
        action: more.revertedFrom === undefined ? 'policy.saved' : 'policy.reverted',
        subject: `${scope}@${next.revision}`,
        detail: { before: saved.document, after: document, note: next.note, revertedFrom: next.revertedFrom },
      });
      if (!(await store.insert(transaction, next))) throw conflict(saved, baseRevision, document);
      return next;
    });
    if (!added) return this.get(scope);
    const shown = shownRevision(added);
    live.publish('policies', `policy/${scope}`, shown);
    this.#tell(scope);
    return shown;
  }

  #tell(scope: string): void {
    for (const listener of this.#listeners) listener(scope);
  }

  #nothingSaved(scope: string): PolicyRevision {
    const document = scope === DEFAULT_POLICY_SCOPE ? this.#builtIn : null;
    return {
      scope,
      revision: 0,
      document,
      yaml: document ? documentYaml(document) : '',
      savedAt: null,
      savedBy: null,
      note: null,
      revertedFrom: null,
    };
  }

  #demandScope(scope: string): void {
    if (scope !== DEFAULT_POLICY_SCOPE && this.#parts.clusterName(scope) === undefined)
      throw new AppError('resource.not-found', `There is no cluster ${scope}.`);
  }
}

/** What was given, as a value of any shape. @throws AppError `input.invalid` */
export function givenValue({ document, text }: GivenDocument): unknown {
  if (text === undefined && document === undefined)
    throw new AppError('input.invalid', 'The call has neither document nor text; send one of them.');
  return text === undefined ? document : parseText(text, 'The text');
}

function documentOf({ scope, revision, document }: StoredRevision): PolicyDocument | null {
  if (document === null) return null;
  const checked = checkDocument(document);
  if (checked.ok) return checked.document;
  throw new AppError(
    'storage.damaged',
    `Revision ${revision} of policy ${scope} cannot be read: ${checked.problems[0]?.text}`,
    { hint: 'Nothing starts by a policy that cannot be read; save a new revision.' },
  );
}

/** Also of one that cannot be read any more, so that it can be looked at and another saved after it. */
function shownRevision(stored: StoredRevision): PolicyRevision {
  const checked = stored.document === null ? undefined : checkDocument(stored.document);
  if (checked && !checked.ok)
    return { ...stored, document: null, yaml: `# cannot be read any more: ${checked.problems[0]?.text}\n` };
  const document = checked?.document ?? null;
  return { ...stored, document, yaml: document ? documentYaml(document) : '' };
}

function conflict(saved: PolicyRevision, baseRevision: number, document: PolicyDocument | null): AppError {
  const who = saved.savedBy === null ? '' : ` by ${saved.savedBy}`;
  return new AppError(
    'resource.conflict',
    `Revision ${saved.revision} was saved${who} meanwhile, and yours was made from revision ${baseRevision}; nothing was saved.`,
    {
      hint: 'Compare both versions, then save yours on top of the other, or take the other.',
      details: { saved, yours: { baseRevision, document, yaml: document ? documentYaml(document) : '' } },
    },
  );
}

function isSame(a: PolicyDocument | null, b: PolicyDocument | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
