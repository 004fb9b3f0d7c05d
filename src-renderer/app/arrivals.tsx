import { notifications } from '@mantine/notifications';
import { useEffect } from 'react';
import { useLocation } from 'wouter';
import type { Arrival } from '../../common/desktop-bridge.ts';
import type { Address } from '../connection/api-client.ts';
import { capabilities } from '../connection/capabilities.ts';
import { useConnection, useMay } from '../connection/connection-context.ts';
import { modelUploads } from '../connection/use-model-uploads.ts';

/** Takes in what comes from outside the window: pages that are asked for, files that the system handed over. */
export function Arrivals() {
  const { client } = useConnection();
  const mayUpload = useMay('operator');
  const [, go] = useLocation();
  const { address } = client;
  useEffect(() => {
    const take = (arrival: Arrival) => {
      if (arrival.kind === 'page') go(arrival.path);
      else if (arrival.kind === 'refused') tell(arrival.message, arrival.hint);
      else if (!mayUpload) tell(`You may not upload ${arrival.name}.`, 'Ask somebody who is an operator.');
      else {
        go('/models');
        void upload(address, arrival);
      }
    };
    return capabilities().onArrival?.(take);
  }, [address, go, mayUpload]);
  return null;
}

async function upload(address: Address, { name, path }: Arrival & { kind: 'file' }): Promise<void> {
  try {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(`${answer.status}`);
    await modelUploads.offer(address, [new File([await answer.blob()], name)]);
  } catch {
    tell(`${name} could not be read.`, 'Open the file once more.');
  }
}

function tell(title: string, message: string): void {
  notifications.show({ color: 'orange', title, message, autoClose: 12_000 });
}
