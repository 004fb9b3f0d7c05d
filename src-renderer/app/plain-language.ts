/**
 * A browser on a machine with a POSIX locale may call its language `en-US@posix`, which `Intl` refuses and the chart
 * library asks for when it loads. Plain English stands in for such a name.
 */
export function makeLanguagePlain(browser: Navigator): void {
  try {
    Intl.getCanonicalLocales(browser.language);
  } catch {
    Object.defineProperty(browser, 'language', { value: 'en-US', configurable: true });
  }
}
