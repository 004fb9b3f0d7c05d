import { Overlay, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useConnection, useMay } from '../connection/connection-context.ts';
import { modelUploads } from '../connection/use-model-uploads.ts';

/** Takes model files that are dropped anywhere on the window. */
export function ModelDrop() {
  const { client } = useConnection();
  const mayUpload = useMay('operator');
  const [, go] = useLocation();
  const [isOver, setOver] = useState(false);
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
      go('/models');
      void modelUploads.offer(client.address, files);
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [client, mayUpload, go]);
  if (!isOver) return null;
  return (
    <Overlay fixed zIndex={400} center blur={2} style={{ pointerEvents: 'none' }}>
      <Text fz={22} fw={620} c="white">
        Drop models, with their .json manifests if they have any, to upload them
      </Text>
    </Overlay>
  );
}
