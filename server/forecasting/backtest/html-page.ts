import { escapeHtml } from './svg-chart.ts';

const STYLE = `
:root{color-scheme:light dark;--ink:#1a1c1f;--soft:#5c636b;--page:#fff;--card:#f4f6f8;--rule:#d9dee3;--one:#1864ab;--two:#c2410c;--three:#2b7a3d}
@media(prefers-color-scheme:dark){:root{--ink:#e6e8ea;--soft:#9aa3ad;--page:#16181b;--card:#1f2327;--rule:#363c43;--one:#74b3f0;--two:#f0a070;--three:#7fcf95}}
body{margin:0 auto;max-width:60rem;padding:1.5rem;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page)}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.5rem 0}
.verdict{background:var(--card);border-left:4px solid var(--two);padding:.75rem 1rem;border-radius:4px}.verdict.better{border-color:var(--three)}.verdict.baseline{border-color:var(--one)}
.warning{border-left:4px solid var(--two);padding-left:1rem;font-weight:600}
table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid var(--rule);font-variant-numeric:tabular-nums}th:first-child,td:first-child{text-align:left}
.wide{overflow-x:auto}th{color:var(--soft);font-weight:600}.soft,figcaption{color:var(--soft)}
figure{margin:.5rem 0 1rem}svg{width:100%;height:auto}.grid{stroke:var(--rule)}.tick{fill:var(--soft);font-size:11px}
.line{fill:none;stroke-width:2}.line.one{stroke:var(--one)}.line.two{stroke:var(--two);stroke-dasharray:6 3}.line.three{stroke:var(--soft);stroke-dasharray:2 3}
.key{margin-left:1rem;white-space:nowrap}.key::before{content:"";display:inline-block;width:1.2em;margin-right:.4em;vertical-align:middle;border-top:3px solid}.key.one::before{border-color:var(--one)}.key.two::before{border-color:var(--two);border-top-style:dashed}.key.three::before{border-color:var(--soft);border-top-style:dotted}
`;

/**
 * A page that needs nothing from elsewhere, and may load nothing: no script, no font, no picture; it follows the reader's theme.
 * @param body HTML; names in it are escaped already
 */
export function htmlPage(title: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body>
<h1>${escapeHtml(title)}</h1>
${body.join('\n')}
</body></html>
`;
}

/** A table; cells are escaped here. */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, values: readonly string[]) =>
    `<tr>${values.map(value => `<${tag}>${escapeHtml(value)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table><thead>${cells('th', head)}</thead><tbody>${rows.map(row => cells('td', row)).join('')}</tbody></table></div>`;
}

/** A list; items are escaped here. */
export function htmlList(items: readonly string[]): string {
  return `<ul>${items.map(item => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
}
