/** The mark of CloudOptim: a price that stepped down below what it would have been. */
export function Logo({ size = 26 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0072b2" />
      <path
        d="M6 12h6v5h8v5h6"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path
        d="M12 12h14"
        stroke="#fff"
        strokeOpacity=".5"
        strokeWidth="2.5"
        strokeDasharray="1 5"
        strokeLinecap="round"
      />
    </svg>
  );
}
