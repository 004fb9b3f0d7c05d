const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `CloudOptim needs Node 24 or newer; this is Node ${process.versions.node}. Start it with "npm start" or "npm run -s cloudoptim -- …".\n`,
  );
  process.exit(2);
}
// Compiled code is kept between starts, which makes the next one quicker: that of a bundle beside it, so that it comes with it.
const { enableCompileCache } = await import('node:module');
enableCompileCache(import.meta.filename.endsWith('.ts') ? undefined : `${import.meta.dirname}/compile-cache`);
// Imported only now: native modules crash an older Node before they could say why.
const { runCommandLine } = await import('./cli/command-line.ts');
process.exitCode = await runCommandLine(process.argv);
