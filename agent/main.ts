if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`The agent needs Node 24 or newer; this is ${process.versions.node}.\n`);
  process.exit(2);
}

// Compiled code is kept between starts, which makes the next one quicker.
(await import('node:module')).enableCompileCache();
const { startProcess } = await import('./start-process.ts');
process.exitCode = await startProcess();
// Open watches and retries must not keep an ended agent alive.
process.exit();

export {};
