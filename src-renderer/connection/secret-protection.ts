import { useEffect, useState } from 'react';
import type { SecretProtection } from '../../common/desktop-bridge.ts';
import { capabilities } from './capabilities.ts';

/** How well this machine keeps secrets; `undefined` where the window keeps none, as a browser, and until it is known. */
export function useSecretProtection(): SecretProtection | undefined {
  const [protection, setProtection] = useState<SecretProtection>();
  useEffect(() => {
    let isShown = true;
    void capabilities()
      .secretProtection?.()
      .then(told => isShown && setProtection(told));
    return () => {
      isShown = false;
    };
  }, []);
  return protection;
}
