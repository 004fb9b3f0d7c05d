import { describe, expect, it } from 'vitest';
import { updateFeed } from './update-feed.ts';

const good = 'provider: generic\nurl: https://updates.example.com/cloudoptim\npublisherName: [CloudOptim]\n';

describe('updates', () => {
  it('are on where the feed is https and somebody checks signatures', () => {
    expect(updateFeed(good, 'win32')).toEqual({ isOn: true });
    expect(updateFeed(good.replace(/publisherName.*/, ''), 'darwin')).toEqual({ isOn: true });
  });

  it.each([
    ['there is no feed', undefined, 'win32', /no feed/],
    ['the feed is empty', '', 'win32', /no https/],
    ['the feed is no YAML', '{{', 'win32', /no https/],
    ['it is http', good.replace('https', 'http'), 'win32', /no https/],
    ['it is a file', good.replace('https://updates.example.com', 'file://'), 'darwin', /no https/],
    ['it has no address', good.replace(/url.*/, ''), 'darwin', /no https/],
    ['no publisher is named on Windows', good.replace(/publisherName.*/, ''), 'win32', /no publisher/],
    ['the publisher is empty', good.replace('[CloudOptim]', '[]'), 'win32', /no https/],
    ['the provider is another', good.replace('generic', 'github'), 'win32', /github/],
    ['nobody checks signatures, as on Linux', good, 'linux', /not signed/],
  ] as const)('are off when %s', (_, text, platform, reason) => {
    expect(updateFeed(text, platform)).toEqual({ isOn: false, reason: expect.stringMatching(reason) });
  });
});
