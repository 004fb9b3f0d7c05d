/** The trees of a file are not walked here, and why; the message goes on after "because". ONNX Runtime serves instead. */
export class Unread extends Error {}
