/** `Pod shop/web-1` of `Pod/shop/web-1`, `Node ip-10-0-0-1` of `Node//ip-10-0-0-1`. */
export function objectText(object: string): string {
  const [kind = '', namespace = '', ...name] = object.split('/');
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name.join('/')}`;
}
