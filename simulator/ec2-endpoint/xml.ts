const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text made safe for XML content. */
export function escapeXml(text: string): string {
  return /[&<>"]/.test(text) ? text.replace(/[&<>"]/g, found => ENTITIES[found] ?? found) : text;
}

/** `<name>text</name>` with the text escaped. */
export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}

/** `<name><item>…</item>…</name>`: an EC2 set of items that are XML already. */
export function itemSet(name: string, items: readonly string[]): string {
  return `<${name}>${items.map(item => `<item>${item}</item>`).join('')}</${name}>`;
}

/** A whole answer to `action`: the envelope of EC2's Query protocol around XML. */
export function responseXml(action: string, requestId: string, body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>${escapeXml(requestId)}</requestId>${body}</${action}Response>`;
}

/** `<name><member>…</member>…</name>`: a list of Auto Scaling. */
export function memberList(name: string, members: readonly string[]): string {
  return `<${name}>${members.map(member => `<member>${member}</member>`).join('')}</${name}>`;
}

/** A whole answer of Auto Scaling to `action`. */
export function autoScalingXml(action: string, requestId: string, body: string): string {
  return `<${action}Response xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><${action}Result>${body}</${action}Result><ResponseMetadata><RequestId>${escapeXml(requestId)}</RequestId></ResponseMetadata></${action}Response>`;
}
