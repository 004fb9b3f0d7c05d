import { Link } from './link.ts';

/** The test that started this process, and holds the browser. */
export const host = new Link(process);

process.on('disconnect', () => process.exit(0));
