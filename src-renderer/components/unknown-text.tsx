/** An unknown figure: never a zero, and why it is unknown on hover or focus. */
export function UnknownText({ reason }: { readonly reason: string }) {
  return (
    <span className="co-unknown" role="note" aria-label={`unknown: ${reason}`} data-tip={reason}>
      unknown
    </span>
  );
}
