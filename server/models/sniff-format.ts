/** What a file is by its first bytes, where that is known and it is no ONNX. */
export interface ForeignFormat {
  /** `a Python pickle`. */
  readonly name: string;
  /** It may be a model of Python, which is converted instead of refused. */
  readonly isConvertible?: true;
  /** What to do with it. */
  readonly advice: string;
}

const UPLOAD_ONNX = 'Upload the model as an ONNX file.';
const CONVERT_PICKLE = 'Save the fitted model alone with joblib.dump, or export it to ONNX.';

const signatures: readonly { readonly bytes: string; readonly format: ForeignFormat }[] = [
  { bytes: '89504e47', format: { name: 'a PNG image', advice: UPLOAD_ONNX } },
  { bytes: 'ffd8ff', format: { name: 'a JPEG image', advice: UPLOAD_ONNX } },
  { bytes: '47494638', format: { name: 'a GIF image', advice: UPLOAD_ONNX } },
  { bytes: '25504446', format: { name: 'a PDF document', advice: UPLOAD_ONNX } },
  { bytes: '7f454c46', format: { name: 'a program', advice: UPLOAD_ONNX } },
  {
    bytes: '504b0304',
    format: {
      name: 'a ZIP archive (PyTorch and Keras save such)',
      advice: 'Export the model to ONNX, or unpack the archive first.',
    },
  },
  { bytes: '1f8b', format: { name: 'a gzip file', advice: CONVERT_PICKLE, isConvertible: true } },
  { bytes: '425a68', format: { name: 'a bzip2 file', advice: 'Unpack it first.' } },
  { bytes: '04224d18', format: { name: 'an LZ4 file', advice: 'Unpack it first.' } },
  { bytes: 'fd377a585a00', format: { name: 'an xz file', advice: 'Unpack it first.' } },
  { bytes: '28b52ffd', format: { name: 'a Zstandard file', advice: 'Unpack it first.' } },
  {
    bytes: '894844460d0a1a0a',
    format: { name: 'an HDF5 file (Keras saves such)', advice: 'Export the model to ONNX.' },
  },
  { bytes: '47475546', format: { name: 'a GGUF language model', advice: UPLOAD_ONNX } },
  { bytes: '934e554d5059', format: { name: 'a NumPy array', advice: UPLOAD_ONNX } },
  { bytes: '53514c69746520', format: { name: 'a SQLite database', advice: UPLOAD_ONNX } },
  {
    bytes: '7801',
    format: { name: 'a compressed joblib file', advice: CONVERT_PICKLE, isConvertible: true },
  },
  {
    bytes: '785e',
    format: { name: 'a compressed joblib file', advice: CONVERT_PICKLE, isConvertible: true },
  },
  {
    bytes: '789c',
    format: { name: 'a compressed joblib file', advice: CONVERT_PICKLE, isConvertible: true },
  },
  {
    bytes: '78da',
    format: { name: 'a compressed joblib file', advice: CONVERT_PICKLE, isConvertible: true },
  },
];

/**
 * Recognises by bytes, never by name, what is surely no ONNX file; `undefined` when it may be one.
 * @param head the first bytes, 512 are enough
 */
export function foreignFormatOf(head: Buffer): ForeignFormat | undefined {
  if (head.length === 0) return { name: 'empty', advice: UPLOAD_ONNX };
  const hex = head.subarray(0, 16).toString('hex');
  const known = signatures.find(({ bytes }) => hex.startsWith(bytes));
  if (known) return known.format;
  // Protocols 2 to 5 begin with their number; 0 and 1 with an opcode, mostly the name of a class, an empty dict or list.
  const isPickle = head[0] === 0x80 && (head[1] ?? 255) >= 2 && (head[1] ?? 255) <= 5;
  if (
    isPickle ||
    /^(c[\w.]+\n[\w.]+\n|\(dp?\d|\(lp?\d|ccopy_reg|[}\]]q[\s\S])/.test(head.toString('latin1'))
  ) {
    return { name: 'a Python pickle', advice: CONVERT_PICKLE, isConvertible: true };
  }
  if (/^tree\r?\n/.test(head.toString('latin1'))) {
    return { name: 'a LightGBM model', advice: CONVERT_PICKLE, isConvertible: true };
  }
  if (/^\{[iUIlL]/.test(head.toString('latin1'))) {
    return { name: 'an XGBoost model', advice: CONVERT_PICKLE, isConvertible: true };
  }
  return textFormatOf(head);
}

function textFormatOf(head: Buffer): ForeignFormat | undefined {
  const text = head.toString('latin1');
  // ONNX begins with the number of its version, which is no printable character.
  if (!/^[\t\n\r\x20-\x7e\x80-\xff]*$/.test(text.slice(0, 64))) return undefined;
  const start = text.trimStart();
  if (/^[{[]/.test(start)) {
    const advice = 'A manifest goes into the field "manifest" beside the ONNX file.';
    return /"learner"/.test(start)
      ? { name: 'an XGBoost model', advice: CONVERT_PICKLE, isConvertible: true }
      : { name: 'a JSON text', advice };
  }
  if (/^<(!doctype|html|\?xml)/i.test(start)) return { name: 'a web page or XML text', advice: UPLOAD_ONNX };
  return head.length < 8 || /^[\t\n\r\x20-\x7e]*$/.test(text)
    ? { name: 'a text', advice: UPLOAD_ONNX }
    : undefined;
}
