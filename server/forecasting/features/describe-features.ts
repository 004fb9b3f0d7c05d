import { MS_PER_HOUR } from '../../../common/units/index.ts';
import { featureGroups } from './feature-definitions.ts';

const INTRODUCTION = `# Features

What a model may ask for: the \`features\` of its manifest are names of this list, in the order of the model's columns. A name that
is not here is refused, with near matches. \`GET /api/v1/ml/features\` gives the same list.

Prices are step functions: a record holds until the next one. EC2 publishes an unchanged price again after about 24 h, so a price
whose record is older than 24.5 h is unknown, and so is whatever would need it: a lag that falls into such a hole, and a window
\`(time − length, time]\` that touches one. Unknown is NaN, never 0, and a pool and time with an unknown feature gets no prediction.
Means, deviations, quantiles and shares are weighted by time.

A value depends on records at or before its time and within the lookback alone: later and older ones change no bit of it. It is the same
to the bit for one pool or many, one time or many, in a backtest or now; training (\`resources/models/training\`), forecasts and
drift checks all come through one function, \`featureTable\`. For features of other AZs and sizes the prices of those pools are read
too, also where they are out of the model's scope. Only what is on disk counts: fill their prices as well.

What is known of an instance type has no history: sizes, on-demand prices and the advisor's band are those of the catalog on disk,
whichever time is asked about, save that the advisor's band is unknown before the date of its snapshot. A new snapshot moves that
date, so a backtest over older times has it no more; kept predictions hold the values that they were made from.

\`revision\` grows when the meaning of a name changes, and with it the hash that predictions are kept under.
`;

/** The catalog as a page in Markdown, in the order of the definitions. */
export function describeFeatures(): string {
  const tables = featureGroups.map(({ title, features }) => {
    const rows = features.map(
      ({ name, unit, description, lookbackMs, revision }) =>
        `| \`${name}\` | ${unit} | ${description} | ${lookbackMs / MS_PER_HOUR} h | ${revision} |`,
    );
    return [
      `## ${title}`,
      '',
      '| name | unit | what | lookback | revision |',
      '|---|---|---|---|---|',
      ...rows,
      '',
    ];
  });
  return [INTRODUCTION, ...tables.flat()].join('\n');
}
