/** Endings of what the engine reads; it judges by bytes, so this only tidies the dialog. */
export const ARCHIVE_ENDINGS = '.csv,.tsv,.txt,.json,.gz,.xz,.zst';
