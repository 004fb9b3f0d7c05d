import { MS_PER_DAY } from '../../../../common/units/index.ts';

/** What a fill is to bring, as a form holds it. Days are UTC, `YYYY-MM-DD`; an empty end is now. */
export interface FillDraft {
  /** Fills what this model needs, whatever the rest says; empty: what the rest says. */
  readonly modelId: string;
  readonly regions: readonly string[];
  /** Empty: all. */
  readonly instanceTypes: readonly string[];
  readonly products: readonly string[];
  readonly fromDay: string;
  readonly toDay: string;
  /** Asks for time on disk, too, because of holes in it. */
  readonly again: boolean;
}

/** All that EC2 still has of a region, unless told. */
export function emptyDraft(nowMs: number, draft: Partial<FillDraft> = {}): FillDraft {
  return {
    modelId: '',
    regions: [],
    instanceTypes: [],
    products: ['Linux/UNIX'],
    fromDay: dayOf(nowMs - 90 * MS_PER_DAY),
    toDay: '',
    again: false,
    ...draft,
  };
}

/** The day of a moment, UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Why a draft asks for nothing yet; `undefined` when it can be asked. */
export function problemOf(draft: FillDraft, nowMs: number): string | undefined {
  if (draft.modelId !== '') return undefined;
  if (draft.regions.length === 0) return 'Name a region.';
  const strange = draft.regions.find(region => !/^[a-z]{2,4}(-[a-z]+)+-\d+$/.test(region));
  if (strange !== undefined) return `"${strange}" is no region; one is written like eu-west-1.`;
  const fromMs = Date.parse(draft.fromDay);
  if (Number.isNaN(fromMs)) return 'Say from which day on.';
  if (fromMs >= nowMs) return 'The first day is not in the past.';
  if (draft.toDay !== '' && draft.toDay < draft.fromDay) return 'The last day is before the first one.';
  return undefined;
}

/** The body of the dry run and of the fill. The last day is filled to its end. */
export function requestOf(draft: FillDraft, nowMs: number) {
  if (draft.modelId !== '') return { modelId: draft.modelId };
  const endMs = draft.toDay === '' ? Number.POSITIVE_INFINITY : Date.parse(draft.toDay) + MS_PER_DAY;
  return {
    scope: {
      regions: [...draft.regions],
      instanceTypes: [...draft.instanceTypes],
      products: [...draft.products],
    },
    fromMs: Date.parse(draft.fromDay),
    ...(endMs < nowMs ? { toMs: endMs } : {}),
    ...(draft.again ? { again: true } : {}),
  };
}
