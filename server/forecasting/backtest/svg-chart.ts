/** A line of a chart; points ascend in x. */
export interface ChartLine {
  readonly name: string;
  /** Class of the page's style sheet that gives its colour. */
  readonly style: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  /** What somebody hears who does not see it. */
  readonly label: string;
  readonly lines: readonly ChartLine[];
  readonly xText: (x: number) => string;
  readonly yText: (y: number) => string;
  /** Smallest range; widened by the points. */
  readonly xRange?: readonly [number, number];
  readonly yRange?: readonly [number, number];
}

const WIDTH = 760;
const HEIGHT = 240;
const LEFT = 78;
const BOTTOM = 26;
const TOP = 10;
const RIGHT = 14;

/** Text as it may stand in HTML, also within quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, letter => `&#${letter.charCodeAt(0)};`);
}

/** A line chart as inline SVG without scripts; colours come from the page, so that it fits its theme. */
export function svgChart({ label, lines, xText, yText, xRange, yRange }: Chart): string {
  const points = lines.flatMap(line => line.points);
  const [minX, maxX] = rangeOf(
    points.map(([x]) => x),
    xRange,
  );
  const [minY, maxY] = rangeOf(
    points.map(([, y]) => y),
    yRange ?? [0, 0],
  );
  const atX = (x: number) => LEFT + ((x - minX) / (maxX - minX)) * (WIDTH - LEFT - RIGHT);
  const atY = (y: number) => HEIGHT - BOTTOM - ((y - minY) / (maxY - minY)) * (HEIGHT - BOTTOM - TOP);
  const fourths = [0, 0.25, 0.5, 0.75, 1];
  const rules = fourths.map(share => {
    const y = minY + share * (maxY - minY);
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(atY(y))}" y2="${px(atY(y))}"/><text class="tick" x="${LEFT - 6}" y="${px(atY(y) + 4)}" text-anchor="end">${escapeHtml(yText(y))}</text>`;
  });
  const marks = fourths.map(share => {
    const x = minX + share * (maxX - minX);
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    return `<text class="tick" x="${px(atX(x))}" y="${HEIGHT - 6}" text-anchor="${anchor}">${escapeHtml(xText(x))}</text>`;
  });
  const paths = lines.map(
    ({ name, style, points: some }) =>
      `<path class="line ${style}" d="${some.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${px(atX(x))} ${px(atY(y))}`).join('')}"><title>${escapeHtml(name)}</title></path>`,
  );
  const legend = lines
    .map(({ name, style }) => `<span class="key ${style}">${escapeHtml(name)}</span>`)
    .join('');
  return `<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">${[...rules, ...marks, ...paths].join('')}</svg><figcaption>${escapeHtml(label)} ${legend}</figcaption></figure>`;
}

function rangeOf(values: readonly number[], least: readonly [number, number] | undefined): [number, number] {
  let [low, high] = least ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!Number.isFinite(low)) return [0, 1];
  return high > low ? [low, high] : [low, low + 1];
}

function px(value: number): string {
  return value.toFixed(1);
}
