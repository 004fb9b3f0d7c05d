import { Overlay, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useConnection, useMay } from '../connection/connection-context.ts';
import { engineUploads } from '../connection/engine-uploads.ts';
import { archiveUploads } from '../connection/use-archive-uploads.ts';
import { modelUploads } from '../connection/use-model-uploads.ts';

/** Files that are no models; those that may be either are prices on the market page, and models elsewhere. */
const PRICES = /\.(csv|tsv|xz|zst)$|\.(csv|tsv)\.gz$/i;

/** What an engine is called, and the manifest beside it. */
const ENGINE = /\.(m?js|wasm)$/i;
const MANIFEST = /\.json$/i;

/** Takes files that are dropped anywhere on the window: models, engines and prices. */
export function FileDrop() {
  const { client } = useConnection();
  const mayUpload = useMay('operator');
  const [location, go] = useLocation();
  const [isOver, setOver] = useState(false);
  const isMarket = location.startsWith('/market');
  useEffect(() => {
    if (!mayUpload) return;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      if (files.some(({ name }) => ENGINE.test(name))) {
        const engines = files.filter(({ name }) => ENGINE.test(name) || MANIFEST.test(name));
        go('/engines');
        void engineUploads.offer(client.address, engines);
        return;
      }
      const prices = isMarket ? files : files.filter(({ name }) => PRICES.test(name));
      const models = files.filter(file => !prices.includes(file));
      if (prices.length > 0) {
        go('/market/import');
        void archiveUploads.offer(client.address, prices, {});
      }
      if (models.length > 0) {
        if (prices.length === 0) go('/models');
        void modelUploads.offer(client.address, models);
      }
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [client, mayUpload, isMarket, go]);
  if (!isOver) return null;
  return (
    <Overlay fixed zIndex={400} center blur={2} style={{ pointerEvents: 'none' }}>
      <Text fz={22} fw={620} c="white">
        {isMarket
          ? 'Drop files of Spot prices to import them'
          : 'Drop models or engines, with their .json manifests if they have any, or files of Spot prices'}
      </Text>
    </Overlay>
  );
}
