/** Packing, planning and rightsizing one after the other, in one process: the rows that belong to decisions. */
for (const part of ['pack', 'plan', 'rightsize']) {
  process.stdout.write(`\n── ${part}\n`);
  await import(`./${part}.ts`);
}
