import { Overlay, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useConnection, useMay } from '../connection/connection-context.ts';
import { offerModelFile } from '../connection/model-upload.ts';

/** Takes a model file that is dropped anywhere on the window. */
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
      void offerModelFile(client.address, files);
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
        Drop the model (with its .json manifest, if it has one) to upload it
      </Text>
    </Overlay>
  );
}
