import { Code, Text } from '@mantine/core';

/** What the engine reads, for whoever wonders what to upload instead. */
export function WhatCanBeUploaded() {
  return (
    <details>
      <summary style={{ cursor: 'pointer', color: 'var(--mantine-color-anchor)' }}>
        What can be uploaded?
      </summary>
      <Text component="div" size="sm" mt={8}>
        <ul style={{ margin: 0, paddingLeft: 20, display: 'grid', gap: 4 }}>
          <li>
            <b>ONNX</b>: one numeric input <Code>[rows, features]</Code>, a numeric output, no files beside
            it.
          </li>
          <li>
            <b>scikit-learn, XGBoost, LightGBM</b> as pickle or joblib (<Code>.pkl</Code>,{' '}
            <Code>.joblib</Code>, also gzipped): read as data and converted; nothing in the file is called.
            What the converter does not know is refused by name; export such a model to ONNX, or save it
            without the part that is named.
          </li>
          <li>
            <b>XGBoost</b> as <Code>.json</Code> or <Code>.ubj</Code>, <b>LightGBM</b> as <Code>.txt</Code>.
          </li>
          <li>
            A <Code>.json</Code> manifest of the same name beside the model, if you have one. Without one, a
            form asks for what the file does not say.
          </li>
        </ul>
      </Text>
    </details>
  );
}
