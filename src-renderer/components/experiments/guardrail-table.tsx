import { formatShare, threeDigits } from '../number-text.ts';
import { ToneBadge } from '../tone-badge.tsx';
import { UnknownText } from '../unknown-text.tsx';

/** A limit that ends an experiment by itself. */
export interface GuardrailRow {
  readonly name: string;
  /** `null` while it is unknown. */
  readonly value: number | null;
  readonly limit: number;
  readonly breached: boolean;
  readonly sentence: string;
  /** Shares are told in percent. */
  readonly isShare: boolean;
}

/** The limits that end an experiment by themselves, and how far each is from that. */
export function GuardrailTable({ rows }: { readonly rows: readonly GuardrailRow[] }) {
  return (
    <table className="co-table" aria-label="Guardrails">
      <thead>
        <tr>
          <th scope="col">Ends it when</th>
          <th scope="col">State</th>
          <th scope="col" data-align="right">
            Now
          </th>
          <th scope="col" data-align="right">
            Limit
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, value, limit, breached, sentence, isShare }) => {
          const text = (figure: number) => (isShare ? formatShare(figure) : threeDigits(figure));
          return (
            <tr key={name} title={sentence}>
              <td>{name}</td>
              <td>
                {breached ? (
                  <ToneBadge tone="risk">Passed</ToneBadge>
                ) : value === null ? (
                  <ToneBadge tone="neutral">Unknown</ToneBadge>
                ) : (
                  <ToneBadge tone="good">Kept</ToneBadge>
                )}
              </td>
              <td data-align="right">{value === null ? <UnknownText reason={sentence} /> : text(value)}</td>
              <td data-align="right">{text(limit)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
