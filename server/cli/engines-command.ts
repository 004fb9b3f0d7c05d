import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../../common/errors.ts';
import { formatBytes } from '../../common/units/index.ts';
import { checkEngine, type EngineVerdict, engineKind, MOST_ENGINE_BYTES } from '../decisions/index.ts';
import { createLog } from '../platform/index.ts';
import { EXIT_VERDICT_NO } from './as-verdict.ts';
import { readText } from './read-text.ts';

/** `cloudoptim engines …`: decision engines on a laptop, without a server or a network. */
export function addEnginesCommand(program: Command): void {
  const engines = program
    .command('engines')
    .description('Look at decision engines without a server or a network');
  engines
    .command('check <file>')
    .description(
      'Hold a JavaScript or WebAssembly engine against all that an engine must do; exits 3 when it does not',
    )
    .option('--manifest <json>', 'Its manifest, where the module carries none')
    .option('--json', 'Print JSON')
    .action(async (file: string, options: { manifest?: string; json?: boolean }) => {
      const bytes = read(file);
      const manifestText = options.manifest === undefined ? undefined : readText(options.manifest);
      const verdict = await checkEngine(
        { kind: engineKind(bytes), bytes },
        manifestText,
        { nodePath: process.execPath },
        createLog('silent'),
      );
      process.stdout.write(
        options.json ? `${JSON.stringify({ file, ...verdict }, null, 2)}\n` : describe(file, verdict),
      );
      if (!verdict.passed) process.exitCode = EXIT_VERDICT_NO;
    });
}

function read(file: string): Buffer {
  let bytes: number;
  try {
    bytes = statSync(file).size;
    if (bytes <= MOST_ENGINE_BYTES) return readFileSync(file);
  } catch (cause) {
    throw new AppError('input.invalid', `The file ${file} cannot be read.`, {
      cause,
      hint: 'Check the path.',
    });
  }
  const most = formatBytes(MOST_ENGINE_BYTES);
  throw new AppError(
    'input.too-large',
    `The file ${file} has ${formatBytes(bytes)}; an engine has at most ${most}.`,
    {
      hint: 'Leave out what it does not need.',
    },
  );
}

function describe(file: string, { checks, passed }: EngineVerdict): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(
    ({ name, passed: ok, text }) => `${ok ? 'ok  ' : 'NO  '} ${name.padEnd(width)}  ${text}`,
  );
  return `${basename(file)}: ${passed ? 'accepted' : 'not accepted'}\n${lines.join('\n')}\n`;
}
